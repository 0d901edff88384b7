#include <stddef.h>
#include <stdio.h>

#include <jerror.h>
#include <jpeglib.h>
#include <setjmp.h>

#include "CImageShims.h"
#include "messages.h"

typedef struct {
  // The first member, so that libjpeg's pointer to it also points to this structure.
  struct jpeg_decompress_struct jpeg;
  struct jpeg_error_mgr errors;
  struct jpeg_source_mgr input;
  struct jpeg_progress_mgr progress;
  int scan_limit;
  int keeps_metadata;
  // Whether the input has ended, and the reader was given an end marker.
  int has_ended;
  // Whether every row is read: nothing behind them can spoil the image.
  int is_complete;
  image_shim_status status;
  image_shim_message message, warning;
  jmp_buf escape;
} jpeg_source;

static void fail(jpeg_source *source, image_shim_status status, const char *text) {
  if (source->is_complete) {
    image_shim_say(source->warning, text);
    longjmp(source->escape, 1);
  }
  source->status = status;
  image_shim_say(source->message, text);
  longjmp(source->escape, 1);
}

static void on_error(j_common_ptr common) {
  char text[JMSG_LENGTH_MAX];
  common->err->format_message(common, text);
  const int code = common->err->msg_code;
  image_shim_status status = IMAGE_SHIM_CORRUPT;
  if (code == JERR_OUT_OF_MEMORY) status = IMAGE_SHIM_OUT_OF_MEMORY;
  if (code == JERR_SOF_UNSUPPORTED || code == JERR_BAD_PRECISION || code == JERR_CONVERSION_NOTIMPL ||
      code == JERR_ARITH_NOTIMPL)
    status = IMAGE_SHIM_UNSUPPORTED;
  fail((jpeg_source *)common, status, text);
}

static void on_message(j_common_ptr common, int level) {
  if (level >= 0) return;
  jpeg_source *source = (jpeg_source *)common;
  char text[JMSG_LENGTH_MAX];
  common->err->format_message(common, text);
  // libjpeg would fill the missing pixels with gray.
  if (common->err->msg_code == JWRN_HIT_MARKER || common->err->msg_code == JWRN_JPEG_EOF)
    fail(source, IMAGE_SHIM_TRUNCATED, text);
  if (common->err->num_warnings++ == 0) image_shim_say(source->warning, text);
}

static void ignore_message(j_common_ptr common) { (void)common; }

static void ignore_source(j_decompress_ptr jpeg) { (void)jpeg; }

// Whether the scans that were read hold every bit of every coefficient.
static int has_all_scans(const struct jpeg_decompress_struct *jpeg) {
  if (jpeg->num_components == 0) return 0;
  if (!jpeg->progressive_mode) return jpeg->comps_in_scan == jpeg->num_components;
  if (!jpeg->coef_bits) return 0;
  for (int component = 0; component < jpeg->num_components; component++)
    for (int coefficient = 0; coefficient < DCTSIZE2; coefficient++)
      if (jpeg->coef_bits[component][coefficient] != 0) return 0;
  return 1;
}

// Where the input ends, libjpeg reads an end marker instead. If pixels are missing, it says so (`on_message`).
static boolean on_end_of_input(j_decompress_ptr jpeg) {
  static const JOCTET end[] = {0xFF, JPEG_EOI};
  jpeg_source *source = (jpeg_source *)jpeg;
  if (source->has_ended || !has_all_scans(jpeg)) fail(source, IMAGE_SHIM_TRUNCATED, "the data ends early");
  source->has_ended = 1;
  if (source->errors.num_warnings++ == 0) image_shim_say(source->warning, "the end marker is missing");
  jpeg->src->next_input_byte = end;
  jpeg->src->bytes_in_buffer = sizeof end;
  return TRUE;
}

static void skip_input(j_decompress_ptr jpeg, long count) {
  if (count <= 0) return;
  if ((size_t)count > jpeg->src->bytes_in_buffer)
    fail((jpeg_source *)jpeg, IMAGE_SHIM_TRUNCATED, "the data ends early");
  jpeg->src->next_input_byte += count;
  jpeg->src->bytes_in_buffer -= count;
}

static void check_scans(j_common_ptr common) {
  jpeg_source *source = (jpeg_source *)common;
  if (source->jpeg.input_scan_number <= source->scan_limit) return;
  char text[64];
  snprintf(text, sizeof text, "more than %d scans", source->scan_limit);
  fail(source, IMAGE_SHIM_TOO_LARGE, text);
}

// Reads everything up to the first scan, and keeps the segments that `visit_metadata` reports. May jump.
static void read_header(jpeg_source *source, const uint8_t *bytes, size_t count) {
  jpeg_create_decompress(&source->jpeg);
  source->input = (struct jpeg_source_mgr){
      .next_input_byte = bytes,
      .bytes_in_buffer = count,
      .init_source = ignore_source,
      .fill_input_buffer = on_end_of_input,
      .skip_input_data = skip_input,
      .resync_to_restart = jpeg_resync_to_restart,
      .term_source = ignore_source,
  };
  source->progress.progress_monitor = check_scans;
  source->jpeg.src = &source->input;
  source->jpeg.progress = &source->progress;
  if (source->keeps_metadata) {
    jpeg_save_markers(&source->jpeg, JPEG_APP0 + 1, 0xFFFF);
    jpeg_save_markers(&source->jpeg, JPEG_APP0 + 2, 0xFFFF);
  }
  jpeg_read_header(&source->jpeg, TRUE);
  if (source->jpeg.jpeg_color_space == JCS_UNKNOWN)
    fail(source, IMAGE_SHIM_UNSUPPORTED, "the number of components is not 1, 3 or 4");
}

static void prepare(jpeg_source *source) {
  source->jpeg.err = jpeg_std_error(&source->errors);
  source->errors.error_exit = on_error;
  source->errors.emit_message = on_message;
  source->errors.output_message = ignore_message;
}

// setjmp is called in functions of their own, which have no local variables that a jump could leave undefined.
static void try_header(jpeg_source *source, const uint8_t *bytes, size_t count, image_jpeg_header *header) {
  if (setjmp(source->escape)) return;
  read_header(source, bytes, count);
  header->width = source->jpeg.image_width;
  header->height = source->jpeg.image_height;
  header->components = source->jpeg.num_components;
}

static void visit_metadata(const jpeg_source *source, const image_metadata_visitor *metadata) {
  for (jpeg_saved_marker_ptr marker = source->jpeg.marker_list; marker; marker = marker->next)
    metadata->visit(metadata->context, marker->marker, marker->data, marker->data_length);
}

image_shim_status image_jpeg_read_header(
    const uint8_t *bytes, size_t count, image_jpeg_header *header, const image_metadata_visitor *metadata,
    image_shim_message message) {
  jpeg_source source = {.scan_limit = 1, .keeps_metadata = 1, .message = message};
  prepare(&source);
  try_header(&source, bytes, count, header);
  if (source.status == IMAGE_SHIM_OK) visit_metadata(&source, metadata);
  jpeg_destroy_decompress(&source.jpeg);
  return source.status;
}

// May jump.
static void read_pixels(jpeg_source *source, uint8_t *pixels, size_t pixel_bytes) {
  j_decompress_ptr jpeg = &source->jpeg;
  jpeg->out_color_space = jpeg->num_components == 4 ? JCS_CMYK : JCS_RGB;
  jpeg_start_decompress(jpeg);
  const size_t row_bytes = (size_t)jpeg->output_width * jpeg->output_components;
  if (pixel_bytes / row_bytes != jpeg->output_height || pixel_bytes % row_bytes != 0)
    fail(source, IMAGE_SHIM_OUT_OF_MEMORY, "the buffer does not fit the image");
  while (jpeg->output_scanline < jpeg->output_height) {
    JSAMPROW row = pixels + jpeg->output_scanline * row_bytes;
    jpeg_read_scanlines(jpeg, &row, 1);
  }
  source->is_complete = 1;
  jpeg_finish_decompress(jpeg);
}

static void try_pixels(jpeg_source *source, const uint8_t *bytes, size_t count, uint8_t *pixels, size_t pixel_bytes) {
  if (setjmp(source->escape)) return;
  read_header(source, bytes, count);
  read_pixels(source, pixels, pixel_bytes);
}

image_shim_status image_jpeg_read(
    const uint8_t *bytes, size_t count, int scan_limit, uint8_t *pixels, size_t pixel_bytes,
    image_shim_message message, image_shim_message warning) {
  jpeg_source source = {.scan_limit = scan_limit, .message = message, .warning = warning};
  prepare(&source);
  image_shim_say(warning, "");
  try_pixels(&source, bytes, count, pixels, pixel_bytes);
  jpeg_destroy_decompress(&source.jpeg);
  return source.status;
}
