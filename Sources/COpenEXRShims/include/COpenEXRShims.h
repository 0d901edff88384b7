#pragma once

// Calls of OpenEXR from Swift: its C++ library reads pixels, since it decodes every compression and kind of channel, and
// no exception leaves this target; its C library writes them.
//
// No function keeps a pointer after it returns. Messages are zero-terminated and truncated to the given capacity.

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  EXR_SHIM_OK = 0,
  // The data contradicts its format.
  EXR_SHIM_CORRUPT = 1,
  // The data ends before the image does.
  EXR_SHIM_TRUNCATED = 2,
  // The format allows it, but this reader does not support it.
  EXR_SHIM_UNSUPPORTED = 3,
  // An allocation failed, or the caller's buffer does not have the image's size.
  EXR_SHIM_OUT_OF_MEMORY = 4,
} exr_shim_status;

typedef struct {
  char *text;
  size_t capacity;
} exr_shim_message;

// Largest width and height of an image, and of a tile: tables of offsets are allocated before any pixel is read.
#define EXR_SHIM_LARGEST_SIDE 262144
#define EXR_SHIM_LARGEST_TILE 16384

// Reads four channels of a part that is not deep, of scan lines or of tiles (of which the largest level), over its data
// window.
//
// `channels` are the names of red, green, blue and alpha. Several may be the same; one that is null has the value 1.
// `pixels` gets `pixel_count` pixels, four half-precision values each, in rows without padding; larger values of float and
// uint channels become infinite.
exr_shim_status exr_shim_read(
    const uint8_t *bytes, size_t count, int part, const char *const channels[4], uint16_t *pixels, size_t pixel_count,
    exr_shim_message message);

// Reads a layer of luminance and chroma (Y, RY and BY, of half the size in both directions) of the first part as red,
// green, blue and alpha. `layer` is the layer's name, or empty; `pixels` are as above.
exr_shim_status exr_shim_read_luminance_chroma(
    const uint8_t *bytes, size_t count, const char *layer, uint16_t *pixels, size_t pixel_count,
    exr_shim_message message);

typedef struct {
  // At most 31 bytes, for readers of all ages.
  const char *name;
  // Whether samples are single precision; else they are half precision.
  int is_float;
  // The first sample, and bytes from one sample to the next; rows have no padding.
  const void *samples;
  size_t stride;
} exr_shim_channel;

// An attribute with its value as files store it. Types that the library does not know are written as they are.
typedef struct {
  const char *name, *type;
  const uint8_t *value;
  size_t count;
} exr_shim_attribute;

typedef enum {
  EXR_SHIM_UNCOMPRESSED = 0,
  EXR_SHIM_ZIPS = 1,
  EXR_SHIM_ZIP = 2,
  EXR_SHIM_PIZ = 3,
  EXR_SHIM_RLE = 4,
} exr_shim_compression;

typedef struct {
  // Least x and y, greatest x and y.
  int32_t data_window[4], display_window[4];
  float pixel_aspect_ratio;
  exr_shim_compression compression;
  const exr_shim_channel *channels;
  size_t channel_count;
  const exr_shim_attribute *attributes;
  size_t attribute_count;
} exr_shim_image;

// Encodes a file of one part of scan lines into `*file`, `*file_count` bytes that the caller releases with `free`; null on
// failure. No two channels have the same name.
exr_shim_status exr_shim_write(
    const exr_shim_image *image, uint8_t **file, size_t *file_count, exr_shim_message message);

#ifdef __cplusplus
}
#endif
