#pragma once

// The setjmp/longjmp traps of libpng and libjpeg, and nothing else.
//
// Each function reads or writes one whole image between memory and memory, so that no jump ever crosses a frame of the
// caller. None keeps a pointer after it returns. Messages end in a zero byte and are cut to the capacity given.

#include <stddef.h>
#include <stdint.h>

typedef enum {
  IMAGE_SHIM_OK = 0,
  // The data contradicts its format.
  IMAGE_SHIM_CORRUPT = 1,
  // The data ends before the image does.
  IMAGE_SHIM_TRUNCATED = 2,
  // The format allows it, this reader does not.
  IMAGE_SHIM_UNSUPPORTED = 3,
  // A limit of the caller is exceeded.
  IMAGE_SHIM_TOO_LARGE = 4,
  // The caller's buffer does not fit the image, or memory ran out.
  IMAGE_SHIM_NO_ROOM = 5,
} image_shim_status;

typedef struct {
  char *text;
  size_t capacity;
} image_shim_message;

typedef struct {
  uint32_t width, height;
  // 1, 2, 4, 8 or 16.
  uint8_t bit_depth;
  // As in IHDR: 0 gray, 2 RGB, 3 palette, 4 gray and alpha, 6 RGBA.
  uint8_t color_type;
} image_png_header;

typedef enum {
  // Samples as they are stored, at least one byte each, 16-bit ones in the byte order of the processor.
  IMAGE_PNG_STORED = 0,
  // Red, green, blue, one byte each: the high byte of 16, palettes looked up, gray repeated, alpha dropped.
  IMAGE_PNG_RGB = 1,
} image_png_layout;

// Reads everything before the pixels.
image_shim_status image_png_read_header(
    const uint8_t *bytes, size_t count, image_png_header *header, image_shim_message message);

// Reads the pixels, rows without padding, and the rest of the file to its end. `pixel_bytes` must be what the image
// takes in the layout asked for.
image_shim_status image_png_read(
    const uint8_t *bytes, size_t count, image_png_layout layout, uint8_t *pixels, size_t pixel_bytes,
    image_shim_message message);

typedef struct {
  uint32_t width, height;
  // 8 or 16; 16-bit samples come in the byte order of the processor.
  uint8_t bit_depth;
  uint8_t color_type;
  // Of zlib, 0 to 9.
  int level;
  // Whether zlib looks for runs of equal bytes alone (Z_RLE); otherwise libpng chooses.
  int runs_only;
  // Any of the bits of PNG_ALL_FILTERS; more than one lets libpng choose for each row.
  int filters;
  // Red, green and blue of each index, for color type 3.
  const uint8_t *palette;
  int palette_count;
} image_png_description;

// Writes a whole PNG file to `*file`, `*file_count` bytes that the caller frees with `free`; null on failure.
image_shim_status image_png_write(
    const image_png_description *description, const uint8_t *pixels, size_t pixel_bytes, uint8_t **file,
    size_t *file_count, image_shim_message message);

typedef struct {
  uint32_t width, height;
  // As stored: 1 gray, 3 YCbCr or RGB, 4 CMYK or YCCK.
  int components;
} image_jpeg_header;

image_shim_status image_jpeg_read_header(
    const uint8_t *bytes, size_t count, image_jpeg_header *header, image_shim_message message);

// Reads the pixels, rows without padding: three bytes a pixel (red, green, blue), or four (cyan, magenta, yellow, black
// as stored) where the file has four components. More than `scan_limit` scans are refused. What libjpeg could mend is
// told in `warning`, which is empty otherwise.
image_shim_status image_jpeg_read(
    const uint8_t *bytes, size_t count, int scan_limit, uint8_t *pixels, size_t pixel_bytes,
    image_shim_message message, image_shim_message warning);
