#include <stdlib.h>
#include <stdio.h>
#include <tiffio.h>

#include "CImageShims.h"
#include "messages.h"

typedef struct {
  const uint8_t *bytes;
  size_t count, position;
  // Whether anything was read behind the end.
  int ends_early;
  // Whether warnings are about pixels; those about unknown tags are nobody's business.
  int reads_pixels;
  image_shim_status status;
  image_shim_message message, warning;
  TIFF *tiff;
} tiff_source;

// The library's global handlers, which print, are called unless these return a number other than 0.
static int on_error(TIFF *tiff, void *data, const char *module, const char *format, va_list arguments) {
  (void)tiff;
  (void)module;
  tiff_source *source = data;
  // The first error is the cause of the others.
  if (source->message.capacity > 0 && source->message.text[0] == 0)
    vsnprintf(source->message.text, source->message.capacity, format, arguments);
  return 1;
}

static int on_warning(TIFF *tiff, void *data, const char *module, const char *format, va_list arguments) {
  (void)tiff;
  (void)module;
  tiff_source *source = data;
  if (!source->reads_pixels || source->warning.capacity == 0) return 1;
  if (source->warning.text[0] == 0) vsnprintf(source->warning.text, source->warning.capacity, format, arguments);
  return 1;
}

static tmsize_t read_bytes(thandle_t handle, void *target, tmsize_t count) {
  tiff_source *source = handle;
  if (count < 0) return 0;
  const size_t left = source->position < source->count ? source->count - source->position : 0;
  if ((size_t)count > left) {
    source->ends_early = 1;
    count = (tmsize_t)left;
  }
  memcpy(target, source->bytes + (left > 0 ? source->position : 0), (size_t)count);
  source->position += (size_t)count;
  return count;
}

static tmsize_t write_bytes(thandle_t handle, void *bytes, tmsize_t count) {
  (void)handle;
  (void)bytes;
  (void)count;
  return 0;
}

static toff_t seek(thandle_t handle, toff_t offset, int origin) {
  tiff_source *source = handle;
  const toff_t base = origin == SEEK_SET ? 0 : origin == SEEK_CUR ? source->position : source->count;
  source->position = (size_t)(base + offset);
  return source->position;
}

static int close_nothing(thandle_t handle) {
  (void)handle;
  return 0;
}

static toff_t size(thandle_t handle) { return ((tiff_source *)handle)->count; }

static image_shim_status fail(tiff_source *source, image_shim_status status, const char *text) {
  if (source->message.capacity > 0 && source->message.text[0] == 0) image_shim_say(source->message, text);
  return source->status = source->ends_early && status == IMAGE_SHIM_CORRUPT ? IMAGE_SHIM_TRUNCATED : status;
}

// The memory limit is that of a single allocation of the library.
static int open_source(tiff_source *source, size_t memory_limit) {
  TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
  if (!options) return fail(source, IMAGE_SHIM_OUT_OF_MEMORY, "out of memory"), 0;
  TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, source);
  TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, source);
  TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)memory_limit);
  // Read, and do not map.
  source->tiff = TIFFClientOpenExt(
      "image", "rm", source, read_bytes, write_bytes, seek, close_nothing, size, NULL, NULL, options);
  TIFFOpenOptionsFree(options);
  if (!source->tiff) fail(source, IMAGE_SHIM_CORRUPT, "the file has no directory");
  return source->tiff != NULL;
}

static uint16_t short_field(TIFF *tiff, uint32_t tag, uint16_t otherwise) {
  uint16_t value = otherwise;
  return TIFFGetFieldDefaulted(tiff, tag, &value) ? value : otherwise;
}

// The palette as bytes. Some programs wrote bytes where the format has 16 bits.
static int read_palette(TIFF *tiff, int colors, uint8_t *palette) {
  uint16_t *channels[3] = {NULL, NULL, NULL};
  if (!TIFFGetField(tiff, TIFFTAG_COLORMAP, &channels[0], &channels[1], &channels[2])) return 0;
  int is_wide = 0;
  for (int channel = 0; channel < 3; channel++)
    for (int index = 0; index < colors; index++) is_wide |= channels[channel][index] > 255;
  for (int index = 0; index < colors; index++)
    for (int channel = 0; channel < 3; channel++)
      palette[3 * index + channel] = (uint8_t)(is_wide ? channels[channel][index] >> 8 : channels[channel][index]);
  return 1;
}

static image_shim_status unsupported(tiff_source *source, const char *format, int value) {
  char text[96];
  snprintf(text, sizeof text, format, value);
  return fail(source, IMAGE_SHIM_UNSUPPORTED, text);
}

// Colors, alpha and samples of an image whose samples are read as they are.
static image_shim_status describe_samples(tiff_source *source, image_tiff_header *header, int colors) {
  TIFF *tiff = source->tiff;
  uint16_t extra_count = 0, *extra = NULL;
  TIFFGetFieldDefaulted(tiff, TIFFTAG_EXTRASAMPLES, &extra_count, &extra);
  if (header->samples < colors) return fail(source, IMAGE_SHIM_CORRUPT, "a pixel has too few samples");
  header->alpha_sample = -1;
  for (int index = 0; index < extra_count && colors + index < header->samples && header->alpha_sample < 0; index++) {
    if (extra[index] != EXTRASAMPLE_ASSOCALPHA && extra[index] != EXTRASAMPLE_UNASSALPHA) continue;
    header->alpha_sample = colors + index;
    header->is_premultiplied = extra[index] == EXTRASAMPLE_ASSOCALPHA;
  }
  const int format = short_field(tiff, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT);
  const int is_float = format == SAMPLEFORMAT_IEEEFP;
  if (format != SAMPLEFORMAT_UINT && format != SAMPLEFORMAT_VOID && !is_float)
    return unsupported(source, "its samples are signed or complex numbers, format %d", format);
  const int bits = header->bits;
  header->kind = is_float ? (bits == 16 ? IMAGE_TIFF_HALF : IMAGE_TIFF_FLOAT)
                          : (bits == 16 ? IMAGE_TIFF_UINT16 : IMAGE_TIFF_UINT8);
  const int is_known = is_float ? bits == 16 || bits == 32 : bits == 1 || bits == 2 || bits == 4 || bits == 8 || bits == 16;
  if (!is_known) return unsupported(source, "its samples have %d bits", bits);
  if (is_float && (header->color == IMAGE_TIFF_PALETTE || header->color == IMAGE_TIFF_INKS))
    return fail(source, IMAGE_SHIM_UNSUPPORTED, "its palette or inks are floating-point numbers");
  return IMAGE_SHIM_OK;
}

static image_shim_status describe(tiff_source *source, image_tiff_header *header) {
  TIFF *tiff = source->tiff;
  *header = (image_tiff_header){.alpha_sample = -1};
  if (!TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &header->width) || !TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &header->height))
    return fail(source, IMAGE_SHIM_CORRUPT, "it has no size");
  uint32_t subfile = 0;
  void *offsets = NULL;
  uint16_t offset_count = 0;
  if (TIFFGetField(tiff, TIFFTAG_SUBFILETYPE, &subfile) && subfile & FILETYPE_REDUCEDIMAGE &&
      TIFFGetField(tiff, TIFFTAG_SUBIFD, &offset_count, &offsets))
    return fail(source, IMAGE_SHIM_UNSUPPORTED, "a raw photograph, of which a converter makes a picture first");
  header->has_more_pages = !TIFFLastDirectory(tiff);
  header->orientation = short_field(tiff, TIFFTAG_ORIENTATION, 1);
  header->samples = short_field(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
  header->bits = short_field(tiff, TIFFTAG_BITSPERSAMPLE, 1);
  const int compression = short_field(tiff, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  if (compression == COMPRESSION_OJPEG || !TIFFIsCODECConfigured((uint16_t)compression))
    return unsupported(source, "its compression is number %d", compression);
  uint16_t photometric = 0;
  if (!TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &photometric))
    return fail(source, IMAGE_SHIM_CORRUPT, "it does not say what its samples mean");
  switch (photometric) {
    case PHOTOMETRIC_MINISWHITE: header->color = IMAGE_TIFF_INVERTED_GRAY; return describe_samples(source, header, 1);
    case PHOTOMETRIC_MINISBLACK: header->color = IMAGE_TIFF_GRAY; return describe_samples(source, header, 1);
    case PHOTOMETRIC_RGB: header->color = IMAGE_TIFF_RGB; return describe_samples(source, header, 3);
    case PHOTOMETRIC_SEPARATED:
      header->color = IMAGE_TIFF_INKS;
      if (short_field(tiff, TIFFTAG_INKSET, INKSET_CMYK) != INKSET_CMYK)
        return fail(source, IMAGE_SHIM_UNSUPPORTED, "its inks are not cyan, magenta, yellow and black");
      return describe_samples(source, header, 4);
    case PHOTOMETRIC_PALETTE:
      header->color = IMAGE_TIFF_PALETTE;
      if (header->bits > 8) return unsupported(source, "its palette has colors for %d bits", header->bits);
      if (!read_palette(tiff, 1 << header->bits, header->palette))
        return fail(source, IMAGE_SHIM_CORRUPT, "it has no palette");
      return describe_samples(source, header, 1);
    case PHOTOMETRIC_YCBCR:
      if (compression != COMPRESSION_JPEG) break;
      header->color = IMAGE_TIFF_RGB;
      TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
      return describe_samples(source, header, 3);
    default: break;
  }
  // The library converts what is left: luminance and chroma, CIE L*a*b*, LogLuv.
  char reason[1024] = "";
  if (!TIFFRGBAImageOK(tiff, reason)) return fail(source, IMAGE_SHIM_UNSUPPORTED, reason);
  header->color = IMAGE_TIFF_CONVERTED;
  header->kind = IMAGE_TIFF_UINT8;
  header->bits = 8;
  header->samples = 4;
  return IMAGE_SHIM_OK;
}

// Enough for directories, profiles and palettes.
static const size_t header_memory_limit = 64 << 20;

image_shim_status image_tiff_read_header(
    const uint8_t *bytes, size_t count, image_tiff_header *header, const image_metadata_visitor *metadata,
    image_shim_message message) {
  tiff_source source = {.bytes = bytes, .count = count, .message = message};
  if (!open_source(&source, header_memory_limit)) return source.status;
  if (describe(&source, header) == IMAGE_SHIM_OK) {
    uint32_t profile_bytes = 0;
    void *profile = NULL;
    if (TIFFGetField(source.tiff, TIFFTAG_ICCPROFILE, &profile_bytes, &profile) && profile)
      metadata->visit(metadata->context, TIFFTAG_ICCPROFILE, profile, profile_bytes);
  }
  TIFFClose(source.tiff);
  return source.status;
}

typedef struct {
  uint8_t *pixels;
  size_t width, height;
  // Samples of a pixel, and bytes of one in the caller's buffer.
  size_t samples, sample_bytes;
  int bits;
} tiff_target;

// Copies samples of a row: of whole pixels, or of one plane.
static void copy_row(
    const tiff_target *target, const uint8_t *row, size_t x, size_t y, size_t pixels, size_t first, size_t samples) {
  uint8_t *place = target->pixels + ((y * target->width + x) * target->samples + first) * target->sample_bytes;
  if (target->bits >= 8 && samples == target->samples) {
    memcpy(place, row, pixels * samples * target->sample_bytes);
    return;
  }
  for (size_t index = 0; index < pixels * samples; index++) {
    uint8_t *sample = place + (index / samples * target->samples + index % samples) * target->sample_bytes;
    if (target->bits >= 8) {
      memcpy(sample, row + index * target->sample_bytes, target->sample_bytes);
    } else {
      const size_t bit = index * (size_t)target->bits;
      *sample = row[bit / 8] >> (8 - target->bits - bit % 8) & ((1 << target->bits) - 1);
    }
  }
}

// Bytes of a row of so many pixels.
static size_t packed_bytes(const tiff_target *target, size_t pixels, size_t samples) {
  return (pixels * samples * (size_t)target->bits + 7) / 8;
}

static image_shim_status read_parts(tiff_source *source, const tiff_target *target, size_t memory_limit) {
  TIFF *tiff = source->tiff;
  const int is_tiled = TIFFIsTiled(tiff);
  const int is_separate = short_field(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) == PLANARCONFIG_SEPARATE;
  const size_t planes = is_separate ? target->samples : 1, samples = is_separate ? 1 : target->samples;
  uint32_t part_width = (uint32_t)target->width, part_height = 0;
  if (is_tiled) {
    TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &part_width);
    TIFFGetField(tiff, TIFFTAG_TILELENGTH, &part_height);
  } else {
    TIFFGetFieldDefaulted(tiff, TIFFTAG_ROWSPERSTRIP, &part_height);
    if (part_height > target->height) part_height = (uint32_t)target->height;
  }
  const tmsize_t part_bytes = is_tiled ? TIFFTileSize(tiff) : TIFFStripSize(tiff);
  if (part_width == 0 || part_height == 0 || part_bytes <= 0)
    return fail(source, IMAGE_SHIM_CORRUPT, "its strips or tiles have no size");
  const size_t row_bytes = packed_bytes(target, part_width, samples);
  if ((size_t)part_bytes > memory_limit) return fail(source, IMAGE_SHIM_TOO_LARGE, "a strip or tile is too large");
  if ((size_t)part_bytes / row_bytes < part_height)
    return fail(source, IMAGE_SHIM_CORRUPT, "its strips or tiles are smaller than their pixels");
  uint8_t *part = malloc((size_t)part_bytes);
  if (!part) return fail(source, IMAGE_SHIM_OUT_OF_MEMORY, "out of memory");
  image_shim_status status = IMAGE_SHIM_OK;
  for (size_t plane = 0; plane < planes && status == IMAGE_SHIM_OK; plane++)
    for (size_t y = 0; y < target->height && status == IMAGE_SHIM_OK; y += part_height)
      for (size_t x = 0; x < target->width && status == IMAGE_SHIM_OK; x += part_width) {
        const size_t rows = target->height - y < part_height ? target->height - y : part_height;
        const size_t columns = target->width - x < part_width ? target->width - x : part_width;
        const tmsize_t found =
            is_tiled
                ? TIFFReadEncodedTile(
                      tiff, TIFFComputeTile(tiff, (uint32_t)x, (uint32_t)y, 0, (uint16_t)plane), part, part_bytes)
                : TIFFReadEncodedStrip(tiff, TIFFComputeStrip(tiff, (uint32_t)y, (uint16_t)plane), part, part_bytes);
        if (found < 0 || (size_t)found / row_bytes < rows) {
          status = fail(source, IMAGE_SHIM_CORRUPT, "a strip or tile is too short");
          break;
        }
        for (size_t row = 0; row < rows; row++)
          copy_row(target, part + row * row_bytes, x, y + row, columns, plane, samples);
      }
  free(part);
  return status;
}

// Pixels that the library converts to red, green, blue and alpha.
static image_shim_status read_converted(tiff_source *source, const tiff_target *target, int orientation) {
  uint32_t *pixels = (uint32_t *)target->pixels;
  if (!TIFFReadRGBAImageOriented(
          source->tiff, (uint32_t)target->width, (uint32_t)target->height, pixels, orientation, 1))
    return fail(source, IMAGE_SHIM_CORRUPT, "its pixels cannot be read");
  for (size_t index = 0; index < target->width * target->height; index++) {
    const uint32_t pixel = pixels[index];
    uint8_t *bytes = target->pixels + 4 * index;
    bytes[0] = TIFFGetR(pixel);
    bytes[1] = TIFFGetG(pixel);
    bytes[2] = TIFFGetB(pixel);
    bytes[3] = TIFFGetA(pixel);
  }
  return IMAGE_SHIM_OK;
}

image_shim_status image_tiff_read(
    const uint8_t *bytes, size_t count, void *pixels, size_t pixel_bytes, image_shim_message message,
    image_shim_message warning) {
  tiff_source source = {.bytes = bytes, .count = count, .message = message, .warning = warning};
  // Tiles may stick out of the image.
  const size_t memory_limit = 2 * pixel_bytes + header_memory_limit;
  if (!open_source(&source, memory_limit)) return source.status;
  image_tiff_header header;
  if (describe(&source, &header) == IMAGE_SHIM_OK) {
    const tiff_target target = {
        .pixels = pixels, .width = header.width, .height = header.height, .samples = (size_t)header.samples,
        .sample_bytes = header.kind == IMAGE_TIFF_FLOAT ? 4 : header.kind == IMAGE_TIFF_UINT8 ? 1 : 2,
        .bits = header.bits};
    const size_t row = target.width * target.samples * target.sample_bytes;
    source.reads_pixels = 1;
    if (row == 0 || pixel_bytes / row != target.height || pixel_bytes % row != 0)
      fail(&source, IMAGE_SHIM_OUT_OF_MEMORY, "the buffer does not fit the image");
    else if (header.color == IMAGE_TIFF_CONVERTED)
      read_converted(&source, &target, header.orientation);
    else
      read_parts(&source, &target, memory_limit);
  }
  TIFFClose(source.tiff);
  return source.status;
}
