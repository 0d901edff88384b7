#include <png.h>
#include <setjmp.h>

#include "CImageShims.h"
#include "messages.h"

// Chunks that need more memory than this are ignored.
static const png_alloc_size_t chunk_memory_limit = 8 << 20;

typedef struct {
  const uint8_t *bytes;
  size_t count, position;
  image_shim_status status;
  image_shim_message message, warning;
  // Whether all pixels were read, and whether what follows them ends early.
  int has_pixels, has_ended;
  png_structp png;
  png_infop info;
} png_source;

static void on_error(png_structp png, png_const_charp text) {
  png_source *source = png_get_error_ptr(png);
  if (source->has_ended) {
    image_shim_say(source->warning, text);
    longjmp(png_jmpbuf(png), 1);
  }
  if (source->status == IMAGE_SHIM_OK) source->status = IMAGE_SHIM_CORRUPT;
  image_shim_say(source->message, text);
  longjmp(png_jmpbuf(png), 1);
}

static void on_warning(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

static void read_bytes(png_structp png, png_bytep out, size_t count) {
  png_source *source = png_get_io_ptr(png);
  if (count > source->count - source->position) {
    if (source->has_pixels) {
      source->has_ended = 1;
      png_error(png, "the data ends after the last pixel");
    }
    source->status = IMAGE_SHIM_TRUNCATED;
    png_error(png, "the data ends early");
  }
  memcpy(out, source->bytes + source->position, count);
  source->position += count;
}

static int open_source(png_source *source) {
  source->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, source, on_error, on_warning);
  source->info = source->png ? png_create_info_struct(source->png) : NULL;
  if (source->info) return 1;
  source->status = IMAGE_SHIM_OUT_OF_MEMORY;
  image_shim_say(source->message, "out of memory");
  return 0;
}

// Reads everything up to the first IDAT. May jump.
static void read_information(png_source *source) {
  png_set_read_fn(source->png, source, read_bytes);
  // The caller checks the number of pixels before it allocates them.
  png_set_user_limits(source->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_chunk_malloc_max(source->png, chunk_memory_limit);
  // A negative count means all chunks but IHDR, PLTE, tRNS, IDAT and IEND.
  png_set_keep_unknown_chunks(source->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  // Metadata is kept as "unknown" chunks, so that no profile or text is ever inflated. png_get_eXIf_1 is not used because
  // libpng rejects eXIf chunks that start with "Exif\0\0", which Pillow reads.
  static const png_byte kept[] = "eXIf\0iTXt\0iCCP\0acTL";
  png_set_keep_unknown_chunks(source->png, PNG_HANDLE_CHUNK_ALWAYS, kept, sizeof kept / 5);
  png_read_info(source->png, source->info);
}

// setjmp is called in functions of their own, which have no local variables that a jump could leave undefined.
static void try_header(png_source *source, image_png_header *header) {
  if (setjmp(png_jmpbuf(source->png))) return;
  read_information(source);
  header->width = png_get_image_width(source->png, source->info);
  header->height = png_get_image_height(source->png, source->info);
  header->bit_depth = png_get_bit_depth(source->png, source->info);
  header->color_type = png_get_color_type(source->png, source->info);
  header->has_alpha = (header->color_type & PNG_COLOR_MASK_ALPHA) != 0 ||
                      png_get_valid(source->png, source->info, PNG_INFO_tRNS) != 0;
}

image_shim_status image_png_read_header(
    const uint8_t *bytes, size_t count, image_png_header *header, image_shim_message message) {
  png_source source = {.bytes = bytes, .count = count, .message = message};
  if (open_source(&source)) try_header(&source, header);
  png_destroy_read_struct(&source.png, &source.info, NULL);
  return source.status;
}

static int is_little_endian(void) {
  const uint16_t one = 1;
  return *(const uint8_t *)&one == 1;
}

static void convert(png_structp png, png_infop info, image_png_layout layout) {
  if (layout == IMAGE_PNG_STORED) {
    png_set_packing(png);
    if (png_get_bit_depth(png, info) == 16 && is_little_endian()) png_set_swap(png);
    return;
  }
  const int color_type = png_get_color_type(png, info);
  if (layout == IMAGE_PNG_RGB16 || layout == IMAGE_PNG_RGBA16) {
    if (is_little_endian()) png_set_swap(png);
  } else {
    png_set_strip_16(png);
  }
  if (color_type == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
  if (color_type == PNG_COLOR_TYPE_GRAY) png_set_expand_gray_1_2_4_to_8(png);
  if (!(color_type & PNG_COLOR_MASK_COLOR)) png_set_gray_to_rgb(png);
  if (layout == IMAGE_PNG_RGBA || layout == IMAGE_PNG_RGBA16) {
    png_set_tRNS_to_alpha(png);
  } else {
    png_set_strip_alpha(png);
  }
}

// May jump.
static void read_pixels(png_source *source, image_png_layout layout, uint8_t *pixels, size_t pixel_bytes) {
  png_structp png = source->png;
  convert(png, source->info, layout);
  const int passes = png_set_interlace_handling(png);
  png_read_update_info(png, source->info);
  const size_t row_bytes = png_get_rowbytes(png, source->info);
  const uint32_t height = png_get_image_height(png, source->info);
  if (row_bytes == 0 || pixel_bytes / row_bytes != height || pixel_bytes % row_bytes != 0) {
    source->status = IMAGE_SHIM_OUT_OF_MEMORY;
    png_error(png, "the buffer does not fit the image");
  }
  for (int pass = 0; pass < passes; pass++)
    for (uint32_t row = 0; row < height; row++) png_read_row(png, pixels + row * row_bytes, NULL);
  // Pixels that are all there are used without the end of the file, and without the metadata that follow them.
  source->has_pixels = 1;
  png_read_end(png, source->info);
}

static void try_pixels(png_source *source, image_png_layout layout, uint8_t *pixels, size_t pixel_bytes) {
  if (setjmp(png_jmpbuf(source->png))) return;
  read_information(source);
  read_pixels(source, layout, pixels, pixel_bytes);
}

static void visit_metadata(png_source *source, const image_metadata_visitor *metadata) {
  png_unknown_chunkp chunks = NULL;
  const int count = png_get_unknown_chunks(source->png, source->info, &chunks);
  for (int index = 0; index < count; index++) {
    const png_byte *name = chunks[index].name;
    const uint32_t kind = (uint32_t)name[0] << 24 | (uint32_t)name[1] << 16 | (uint32_t)name[2] << 8 | name[3];
    metadata->visit(metadata->context, kind, chunks[index].data, chunks[index].size);
  }
}

image_shim_status image_png_read(
    const uint8_t *bytes, size_t count, image_png_layout layout, uint8_t *pixels, size_t pixel_bytes,
    const image_metadata_visitor *metadata, image_shim_message message, image_shim_message warning) {
  png_source source = {.bytes = bytes, .count = count, .message = message, .warning = warning};
  if (open_source(&source)) try_pixels(&source, layout, pixels, pixel_bytes);
  if (metadata && source.status == IMAGE_SHIM_OK) visit_metadata(&source, metadata);
  png_destroy_read_struct(&source.png, &source.info, NULL);
  return source.status;
}
