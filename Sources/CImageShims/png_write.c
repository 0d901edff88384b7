#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <zlib.h>

#include "CImageShims.h"
#include "messages.h"

typedef struct {
  uint8_t *bytes;
  size_t count, capacity;
  image_shim_status status;
  image_shim_message message;
  png_structp png;
  png_infop info;
} png_sink;

static void on_error(png_structp png, png_const_charp text) {
  png_sink *sink = png_get_error_ptr(png);
  if (sink->status == IMAGE_SHIM_OK) sink->status = IMAGE_SHIM_CORRUPT;
  image_shim_say(sink->message, text);
  longjmp(png_jmpbuf(png), 1);
}

static void on_warning(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

static void write_bytes(png_structp png, png_bytep bytes, size_t count) {
  png_sink *sink = png_get_io_ptr(png);
  if (count > sink->capacity - sink->count) {
    const size_t capacity = (sink->count + count) * 2;
    uint8_t *grown = realloc(sink->bytes, capacity);
    if (!grown) {
      sink->status = IMAGE_SHIM_OUT_OF_MEMORY;
      png_error(png, "out of memory");
    }
    sink->bytes = grown;
    sink->capacity = capacity;
  }
  memcpy(sink->bytes + sink->count, bytes, count);
  sink->count += count;
}

static void flush_bytes(png_structp png) { (void)png; }

// May jump.
static void write_image(png_sink *sink, const image_png_description *description, const uint8_t *pixels,
                        size_t pixel_bytes) {
  png_structp png = sink->png;
  png_set_write_fn(png, sink, write_bytes, flush_bytes);
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_compression_level(png, description->level);
  if (description->runs_only) png_set_compression_strategy(png, Z_RLE);
  png_set_filter(png, PNG_FILTER_TYPE_BASE, description->filters);
  png_set_IHDR(png, sink->info, description->width, description->height, description->bit_depth,
               description->color_type, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (description->color_type == PNG_COLOR_TYPE_PALETTE) {
    png_color colors[PNG_MAX_PALETTE_LENGTH];
    if (description->palette_count > PNG_MAX_PALETTE_LENGTH) png_error(png, "the palette has over 256 colors");
    for (int index = 0; index < description->palette_count; index++) {
      const uint8_t *color = description->palette + 3 * index;
      colors[index] = (png_color){color[0], color[1], color[2]};
    }
    png_set_PLTE(png, sink->info, colors, description->palette_count);
  }
  if (description->is_premultiplied) {
    char key[] = "Alpha", text[] = "premultiplied";
    const png_text alpha = {
        .compression = PNG_TEXT_COMPRESSION_NONE, .key = key, .text = text, .text_length = sizeof text - 1};
    png_set_text(png, sink->info, &alpha, 1);
  }
  if (description->profile) {
    // The library would look into the profile, and leave out some that others read.
    png_write_info_before_PLTE(png, sink->info);
    png_write_chunk(png, (png_const_bytep)"iCCP", description->profile, description->profile_count);
  }
  png_write_info(png, sink->info);
  const uint16_t one = 1;
  if (description->bit_depth == 16 && *(const uint8_t *)&one == 1) png_set_swap(png);
  const size_t row_bytes = png_get_rowbytes(png, sink->info);
  if (row_bytes == 0 || pixel_bytes / row_bytes != description->height || pixel_bytes % row_bytes != 0) {
    sink->status = IMAGE_SHIM_OUT_OF_MEMORY;
    png_error(png, "the buffer does not fit the image");
  }
  for (uint32_t row = 0; row < description->height; row++) png_write_row(png, pixels + row * row_bytes);
  png_write_end(png, sink->info);
}

// setjmp is called in a function of its own, which has no local variables that a jump could leave undefined.
static void try_write(png_sink *sink, const image_png_description *description, const uint8_t *pixels,
                      size_t pixel_bytes) {
  if (setjmp(png_jmpbuf(sink->png))) return;
  write_image(sink, description, pixels, pixel_bytes);
}

image_shim_status image_png_write(
    const image_png_description *description, const uint8_t *pixels, size_t pixel_bytes, uint8_t **file,
    size_t *file_count, image_shim_message message) {
  png_sink sink = {.message = message};
  sink.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &sink, on_error, on_warning);
  sink.info = sink.png ? png_create_info_struct(sink.png) : NULL;
  if (!sink.info) {
    sink.status = IMAGE_SHIM_OUT_OF_MEMORY;
    image_shim_say(message, "out of memory");
  } else {
    try_write(&sink, description, pixels, pixel_bytes);
  }
  png_destroy_write_struct(&sink.png, &sink.info);
  if (sink.status != IMAGE_SHIM_OK) {
    free(sink.bytes);
    sink = (png_sink){.status = sink.status};
  }
  *file = sink.bytes;
  *file_count = sink.count;
  return sink.status;
}
