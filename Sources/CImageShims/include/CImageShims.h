#pragma once

// Calls of C libraries that Swift cannot make: libpng and libjpeg report errors with setjmp and longjmp, libtiff with
// lists of arguments, libheif is C++ beneath and may throw. Little CMS is beside them.
//
// Each function decodes or encodes one whole image in memory, so that no jump and no exception ever crosses a frame of the
// caller. None keeps a pointer after it returns. Messages are zero-terminated and truncated to the given capacity.

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  IMAGE_SHIM_OK = 0,
  // The data contradicts its format.
  IMAGE_SHIM_CORRUPT = 1,
  // The data ends before the image does.
  IMAGE_SHIM_TRUNCATED = 2,
  // The format allows it, but this reader does not support it.
  IMAGE_SHIM_UNSUPPORTED = 3,
  // The image exceeds a limit of the caller.
  IMAGE_SHIM_TOO_LARGE = 4,
  // An allocation failed, or the caller's buffer does not have the image's size.
  IMAGE_SHIM_OUT_OF_MEMORY = 5,
} image_shim_status;

typedef struct {
  char *text;
  size_t capacity;
} image_shim_message;

// Receives data that a file holds beside the pixels, in the order of the file, after the image was read successfully.
typedef struct {
  void *context;
  // `kind` is the type of a PNG chunk, its first character in the high byte, the code of a JPEG marker, the number of a TIFF
  // tag, or `IMAGE_HEIF_PROFILE`. `bytes` are valid during the call.
  void (*visit)(void *context, uint32_t kind, const uint8_t *bytes, size_t count);
} image_metadata_visitor;

typedef struct {
  uint32_t width, height;
  // 1, 2, 4, 8 or 16.
  uint8_t bit_depth;
  // As in IHDR: 0 gray, 2 RGB, 3 palette, 4 gray and alpha, 6 RGBA.
  uint8_t color_type;
  // Whether it has an alpha channel, or a palette or a color of which something is transparent (tRNS).
  uint8_t has_alpha;
} image_png_header;

typedef enum {
  // Stored samples, at least one byte each; 16-bit samples in the byte order of the processor.
  IMAGE_PNG_STORED = 0,
  // Red, green, blue, one byte each: the high byte of 16-bit samples, palettes and gray expanded, alpha dropped.
  IMAGE_PNG_RGB = 1,
  // As before, with alpha; for files that have it.
  IMAGE_PNG_RGBA = 2,
  // The same of files of 16 bits, in the byte order of the processor.
  IMAGE_PNG_RGB16 = 3,
  IMAGE_PNG_RGBA16 = 4,
} image_png_layout;

// Reads the header of a PNG file: everything before the pixels.
image_shim_status image_png_read_header(
    const uint8_t *bytes, size_t count, image_png_header *header, image_shim_message message);

// Reads the pixels of a PNG file, in rows without padding, and the rest of the file. `pixel_bytes` must be the size of the
// image in the given layout. `metadata`, unless null, receives the chunks eXIf, iTXt, iCCP and acTL as they are stored.
// `warning` is set if the file ends early but holds all pixels.
image_shim_status image_png_read(
    const uint8_t *bytes, size_t count, image_png_layout layout, uint8_t *pixels, size_t pixel_bytes,
    const image_metadata_visitor *metadata, image_shim_message message, image_shim_message warning);

typedef struct {
  uint32_t width, height;
  // 8 or 16; 16-bit samples are in the byte order of the processor.
  uint8_t bit_depth;
  uint8_t color_type;
  // Compression level of zlib, 0 to 9.
  int level;
  // Whether zlib only searches for runs of equal bytes (Z_RLE); otherwise libpng chooses the strategy.
  int runs_only;
  // A combination of the bits of PNG_ALL_FILTERS; of several filters libpng chooses one for each row.
  int filters;
  // Red, green and blue of each index; for color type 3 only.
  const uint8_t *palette;
  int palette_count;
  // Content of the chunk iCCP, which is written as it is; null for none.
  const uint8_t *profile;
  size_t profile_count;
  // Whether a text chunk says that colors are multiplied by alpha.
  int is_premultiplied;
} image_png_description;

// Encodes a PNG file into `*file`, `*file_count` bytes that the caller releases with `free`; null on failure.
image_shim_status image_png_write(
    const image_png_description *description, const uint8_t *pixels, size_t pixel_bytes, uint8_t **file,
    size_t *file_count, image_shim_message message);

typedef struct {
  uint32_t width, height;
  // Number of stored components: 1 gray, 3 YCbCr or RGB, 4 CMYK or YCCK.
  int components;
} image_jpeg_header;

// Reads the header of a JPEG file: everything before the first scan. `metadata` receives the contents of the segments APP1
// (EXIF, XMP) and APP2 (color profile).
image_shim_status image_jpeg_read_header(
    const uint8_t *bytes, size_t count, image_jpeg_header *header, const image_metadata_visitor *metadata,
    image_shim_message message);

// Reads the pixels of a JPEG file, in rows without padding: three bytes per pixel (red, green, blue), or four (stored
// cyan, magenta, yellow, black) if the file has four components. A file with more than `scan_limit` scans is refused.
// `warning` describes damage that libjpeg repaired, and what is wrong behind pixels that are all there, such as a missing
// end marker; it is empty if there was none.
image_shim_status image_jpeg_read(
    const uint8_t *bytes, size_t count, int scan_limit, uint8_t *pixels, size_t pixel_bytes,
    image_shim_message message, image_shim_message warning);

// What the samples of a TIFF file stand for.
typedef enum {
  IMAGE_TIFF_GRAY = 0,
  // 0 is white.
  IMAGE_TIFF_INVERTED_GRAY = 1,
  IMAGE_TIFF_RGB = 2,
  IMAGE_TIFF_PALETTE = 3,
  // Cyan, magenta, yellow and black; 0 is no ink.
  IMAGE_TIFF_INKS = 4,
  // Luminance and chroma, CIE L*a*b* or LogLuv, which the library converts to red, green, blue and alpha of 8 bits.
  IMAGE_TIFF_CONVERTED = 5,
} image_tiff_color;

// How samples lie in memory.
typedef enum {
  // A byte each, also those of 1, 2 and 4 bits.
  IMAGE_TIFF_UINT8 = 0,
  IMAGE_TIFF_UINT16 = 1,
  // IEEE 754 binary16 and binary32.
  IMAGE_TIFF_HALF = 2,
  IMAGE_TIFF_FLOAT = 3,
} image_tiff_kind;

typedef struct {
  uint32_t width, height;
  image_tiff_color color;
  image_tiff_kind kind;
  // Bits of a sample: 1, 2, 4, 8, 16 or 32.
  int bits;
  // Samples of a pixel.
  int samples;
  // Index of the sample that is alpha; -1 for none.
  int alpha_sample;
  // Whether colors are multiplied by alpha.
  int is_premultiplied;
  // As EXIF numbers it.
  int orientation;
  int has_more_pages;
  // Red, green and blue of each index.
  uint8_t palette[768];
} image_tiff_header;

// Reads the first directory of a TIFF file. `metadata` receives the color profile as tag 34675.
image_shim_status image_tiff_read_header(
    const uint8_t *bytes, size_t count, image_tiff_header *header, const image_metadata_visitor *metadata,
    image_shim_message message);

// Reads the samples of the first image of a TIFF file, in rows without padding, pixel by pixel, in the byte order of the
// processor. `pixel_bytes` must be their size. `warning` describes damage that the library repaired; it is empty if there was
// none.
image_shim_status image_tiff_read(
    const uint8_t *bytes, size_t count, void *pixels, size_t pixel_bytes, image_shim_message message,
    image_shim_message warning);

#define IMAGE_HEIF_PROFILE 0x70726F66u

typedef struct {
  // Upright: turned and cropped as the file says.
  uint32_t width, height;
  // Before that.
  uint32_t coded_width, coded_height;
  // 8 to 16.
  uint8_t bits;
  uint8_t has_alpha;
  uint8_t is_premultiplied;
  // Code points of primaries and transfer function (ITU-T H.273); 0 where the file states none.
  uint16_t primaries, transfer;
} image_heif_header;

// Reads the header of the first picture of a HEIF file. `metadata` receives its color profile as `IMAGE_HEIF_PROFILE`.
// Pictures with a side over `largest_side` are refused.
image_shim_status image_heif_read_header(
    const uint8_t *bytes, size_t count, uint32_t largest_side, image_heif_header *header,
    const image_metadata_visitor *metadata, image_shim_message message);

// Reads the pixels of the first picture of a HEIF file, upright, in rows without padding: red, green, blue, and alpha if
// there is one. Samples are bytes where the file has 8 bits, otherwise they are scaled to 16 bits, in the byte order of the
// processor. `header` is what the other function found. Its width and height become those of the picture, which at times is
// turned or cut otherwise than libheif said; no more than the pixels that were announced are read.
image_shim_status image_heif_read(
    const uint8_t *bytes, size_t count, uint32_t largest_side, image_heif_header *header, void *pixels,
    size_t pixel_bytes, image_shim_message message, image_shim_message warning);

typedef enum {
  // The pixels were converted.
  IMAGE_PROFILE_APPLIED = 0,
  // The profile is that of sRGB, but for rounding: the pixels are as they were.
  IMAGE_PROFILE_IS_SRGB = 1,
  // The profile is damaged, or of another color space than the pixels, which are as they were.
  IMAGE_PROFILE_UNUSABLE = 2,
} image_profile_result;

// Converts `count` pixels (red, green, blue) in place from the colors of an ICC profile to sRGB, through Little CMS. A
// profile of grays is applied to pixels that are all gray.
//
// `sample_bytes` is 1 or 2; samples of 2 bytes are in the byte order of the processor.
image_profile_result image_profile_apply(
    const uint8_t *profile, size_t profile_bytes, void *pixels, size_t count, int sample_bytes);

// The same from sRGB to the colors of a profile of RGB colors.
image_profile_result image_profile_from_srgb(
    const uint8_t *profile, size_t profile_bytes, void *pixels, size_t count, int sample_bytes);

// Whether the colors of a profile are red, green and blue.
int image_profile_is_rgb(const uint8_t *profile, size_t profile_bytes);

// Makes a profile from the chromaticities of red, green, blue and white (x and y of each) and a transfer function: that of
// sRGB for a gamma of 0, otherwise a power, of `*profile_bytes` bytes; null on failure.
uint8_t *image_profile_make(const double chromaticities[8], double gamma, size_t *profile_bytes);

void image_profile_free(uint8_t *profile);

#ifdef __cplusplus
}
#endif
