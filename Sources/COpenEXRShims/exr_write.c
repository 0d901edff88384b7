#include <OpenEXR/openexr.h>
#include <stdlib.h>
#include <string.h>

#include "COpenEXRShims.h"

// The file as it grows: the library writes the table of offsets last, in the middle.
typedef struct {
  uint8_t *bytes;
  size_t count, capacity;
  exr_shim_message message;
} exr_sink;

static void say(exr_shim_message message, const char *text) {
  if (message.capacity == 0) return;
  size_t length = strlen(text);
  if (length > message.capacity - 1) length = message.capacity - 1;
  memcpy(message.text, text, length);
  message.text[length] = 0;
}

// Without this the library prints.
static void on_error(exr_const_context_t context, exr_result_t code, const char *text) {
  void *data = NULL;
  (void)code;
  if (exr_get_user_data(context, &data) == EXR_ERR_SUCCESS && data) say(((exr_sink *)data)->message, text);
}

static int64_t write_bytes(
    exr_const_context_t context, void *data, const void *bytes, uint64_t count, uint64_t offset,
    exr_stream_error_func_ptr_t report) {
  exr_sink *sink = data;
  if (offset > SIZE_MAX / 4 || count > SIZE_MAX / 4) return -1;
  const size_t end = (size_t)offset + (size_t)count;
  if (end > sink->capacity) {
    const size_t capacity = end > 2 * sink->capacity ? end : 2 * sink->capacity;
    uint8_t *grown = realloc(sink->bytes, capacity);
    if (!grown) {
      report(context, EXR_ERR_OUT_OF_MEMORY, "out of memory");
      return -1;
    }
    sink->bytes = grown;
    sink->capacity = capacity;
  }
  if (offset > sink->count) memset(sink->bytes + sink->count, 0, (size_t)offset - sink->count);
  memcpy(sink->bytes + offset, bytes, (size_t)count);
  if (end > sink->count) sink->count = end;
  return (int64_t)count;
}

// Texts of a vector: each has its length before it.
static exr_result_t add_texts(exr_context_t context, const exr_shim_attribute *attribute) {
  const char *texts[64];
  char *copies = malloc(attribute->count + 64);
  if (!copies) return EXR_ERR_OUT_OF_MEMORY;
  size_t place = 0, used = 0;
  int32_t count = 0;
  while (count < 64 && place + 4 <= attribute->count) {
    const uint8_t *head = attribute->value + place;
    const size_t length = (size_t)head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16 | (size_t)head[3] << 24;
    place += 4;
    if (length > attribute->count - place) break;
    memcpy(copies + used, attribute->value + place, length);
    copies[used + length] = 0;
    texts[count++] = copies + used;
    used += length + 1;
    place += length;
  }
  const exr_result_t result =
      count > 0 ? exr_attr_set_string_vector(context, 0, attribute->name, count, texts) : EXR_ERR_SUCCESS;
  free(copies);
  return result;
}

static exr_result_t add_text(exr_context_t context, const exr_shim_attribute *attribute) {
  char *text = malloc(attribute->count + 1);
  if (!text) return EXR_ERR_OUT_OF_MEMORY;
  memcpy(text, attribute->value, attribute->count);
  text[attribute->count] = 0;
  const exr_result_t result = exr_attr_set_string(context, 0, attribute->name, text);
  free(text);
  return result;
}

// Bytes of a value of a type that is a structure of numbers; 0 for other types.
static size_t fixed_size(const char *type) {
  static const struct { const char *name; size_t size; } types[] = {
      {"int", 4}, {"float", 4}, {"double", 8}, {"rational", 8}, {"timecode", 8}, {"v2i", 8}, {"v2f", 8}, {"v2d", 16},
      {"v3i", 12}, {"v3f", 12}, {"v3d", 24}, {"box2i", 16}, {"box2f", 16}, {"keycode", 28}, {"chromaticities", 32},
      {"m33f", 36}, {"m33d", 72}, {"m44f", 64}, {"m44d", 128}};
  for (size_t index = 0; index < sizeof types / sizeof *types; index++)
    if (strcmp(type, types[index].name) == 0) return types[index].size;
  return 0;
}

// Files are little-endian, as are all processors that this package knows.
static exr_result_t add_numbers(exr_context_t context, const exr_shim_attribute *attribute) {
  exr_attribute_t *made = NULL;
  const exr_result_t result = exr_attr_declare_by_type(context, 0, attribute->name, attribute->type, &made);
  if (result != EXR_ERR_SUCCESS || !made) return result;
  const int is_inline = made->type == EXR_ATTR_INT || made->type == EXR_ATTR_FLOAT || made->type == EXR_ATTR_DOUBLE;
  memcpy(is_inline ? (void *)&made->uc : (void *)made->rawptr, attribute->value, attribute->count);
  return EXR_ERR_SUCCESS;
}

static exr_result_t add_opaque(exr_context_t context, const exr_shim_attribute *attribute) {
  exr_attribute_t *made = NULL;
  const exr_result_t result = exr_attr_declare_by_type(context, 0, attribute->name, attribute->type, &made);
  if (result != EXR_ERR_SUCCESS || !made || made->type != EXR_ATTR_OPAQUE) return result;
  return exr_attr_set_user(
      context, 0, attribute->name, attribute->type, (int32_t)attribute->count, attribute->value);
}

// Whether the value can be written. Tables, whose values the library keeps in forms of its own, belong to how a file is laid
// out; numbers may be damaged.
static int is_kept(const exr_shim_attribute *attribute) {
  static const char *const left[] = {"chlist", "preview", "tiledesc", "floatvector", "compression", "lineOrder", "envmap",
                                     "deepImageState"};
  for (size_t index = 0; index < sizeof left / sizeof *left; index++)
    if (strcmp(attribute->type, left[index]) == 0) return 0;
  const size_t size = fixed_size(attribute->type);
  return strlen(attribute->name) <= 255 && strlen(attribute->type) <= 255 && attribute->type[0] != 0 &&
         (size == 0 || size == attribute->count) && attribute->count <= INT32_MAX;
}

// What the library refuses is left out: it is no reason to have no mattes.
static exr_result_t add_attribute(exr_context_t context, const exr_shim_attribute *attribute) {
  exr_result_t result = EXR_ERR_SUCCESS;
  if (!is_kept(attribute)) return result;
  if (strcmp(attribute->type, "string") == 0) {
    result = add_text(context, attribute);
  } else if (strcmp(attribute->type, "stringvector") == 0) {
    result = add_texts(context, attribute);
  } else if (fixed_size(attribute->type) > 0) {
    result = add_numbers(context, attribute);
  } else {
    result = add_opaque(context, attribute);
  }
  return result == EXR_ERR_OUT_OF_MEMORY ? result : EXR_ERR_SUCCESS;
}

static exr_attr_box2i_t box(const int32_t corners[4]) {
  exr_attr_box2i_t box;
  box.min.x = corners[0];
  box.min.y = corners[1];
  box.max.x = corners[2];
  box.max.y = corners[3];
  return box;
}

static exr_result_t write_header(exr_context_t context, const exr_shim_image *image) {
  static const exr_compression_t compressions[] = {
      EXR_COMPRESSION_NONE, EXR_COMPRESSION_ZIPS, EXR_COMPRESSION_ZIP, EXR_COMPRESSION_PIZ, EXR_COMPRESSION_RLE};
  const exr_attr_box2i_t display = box(image->display_window), data = box(image->data_window);
  const exr_attr_v2f_t center = {0};
  int part = 0;
  exr_result_t result = EXR_ERR_SUCCESS;
  // Only where it is needed, since old readers do not know it.
  for (size_t index = 0; index < image->attribute_count && result == EXR_ERR_SUCCESS; index++)
    if (strlen(image->attributes[index].name) > 31 || strlen(image->attributes[index].type) > 31)
      result = exr_set_longname_support(context, 1);
  if (result == EXR_ERR_SUCCESS) result = exr_add_part(context, NULL, EXR_STORAGE_SCANLINE, &part);
  if (result == EXR_ERR_SUCCESS)
    result = exr_initialize_required_attr(
        context, part, &display, &data, image->pixel_aspect_ratio, &center, 1, EXR_LINEORDER_INCREASING_Y,
        compressions[image->compression]);
  // Level 4, which later versions of the library take, makes files of mattes a tenth smaller in 1.7 times the time.
  const int uses_zip = image->compression == EXR_SHIM_ZIP || image->compression == EXR_SHIM_ZIPS;
  if (result == EXR_ERR_SUCCESS && uses_zip) result = exr_set_zip_compression_level(context, part, 1);
  for (size_t index = 0; index < image->channel_count && result == EXR_ERR_SUCCESS; index++)
    result = exr_add_channel(
        context, part, image->channels[index].name,
        image->channels[index].is_float ? EXR_PIXEL_FLOAT : EXR_PIXEL_HALF, EXR_PERCEPTUALLY_LOGARITHMIC, 1, 1);
  for (size_t index = 0; index < image->attribute_count && result == EXR_ERR_SUCCESS; index++)
    result = add_attribute(context, &image->attributes[index]);
  return result == EXR_ERR_SUCCESS ? exr_write_header(context) : result;
}

// Points the channels of a chunk to the samples of its lines. The library sorts channels by name.
static exr_result_t point(exr_encode_pipeline_t *pipeline, const exr_shim_image *image, size_t width, size_t row) {
  for (int index = 0; index < pipeline->channel_count; index++) {
    exr_coding_channel_info_t *target = &pipeline->channels[index];
    const exr_shim_channel *source = NULL;
    for (size_t other = 0; other < image->channel_count && !source; other++)
      if (strcmp(image->channels[other].name, target->channel_name) == 0) source = &image->channels[other];
    if (!source) return EXR_ERR_INVALID_ARGUMENT;
    target->user_bytes_per_element = source->is_float ? 4 : 2;
    target->user_data_type = source->is_float ? EXR_PIXEL_FLOAT : EXR_PIXEL_HALF;
    target->user_pixel_stride = (int32_t)source->stride;
    target->user_line_stride = (int32_t)(source->stride * width);
    target->encode_from_ptr = (const uint8_t *)source->samples + row * width * source->stride;
  }
  return EXR_ERR_SUCCESS;
}

static exr_result_t write_lines(exr_context_t context, const exr_shim_image *image) {
  const int32_t first = image->data_window[1], last = image->data_window[3];
  const size_t width = (size_t)((int64_t)image->data_window[2] - image->data_window[0] + 1);
  exr_encode_pipeline_t pipeline = EXR_ENCODE_PIPELINE_INITIALIZER;
  int32_t lines = 0;
  exr_result_t result = exr_get_scanlines_per_chunk(context, 0, &lines);
  for (int64_t y = first; y <= last && result == EXR_ERR_SUCCESS; y += lines) {
    exr_chunk_info_t chunk;
    result = exr_write_scanline_chunk_info(context, 0, (int)y, &chunk);
    if (result == EXR_ERR_SUCCESS)
      result = y == first ? exr_encoding_initialize(context, 0, &chunk, &pipeline)
                          : exr_encoding_update(context, 0, &chunk, &pipeline);
    if (result == EXR_ERR_SUCCESS) result = point(&pipeline, image, width, (size_t)(y - first));
    if (result == EXR_ERR_SUCCESS && y == first) result = exr_encoding_choose_default_routines(context, 0, &pipeline);
    if (result == EXR_ERR_SUCCESS) result = exr_encoding_run(context, 0, &pipeline);
  }
  exr_encoding_destroy(context, &pipeline);
  return result;
}

exr_shim_status exr_shim_write(
    const exr_shim_image *image, uint8_t **file, size_t *file_count, exr_shim_message message) {
  exr_sink sink = {.message = message};
  exr_context_initializer_t settings = EXR_DEFAULT_CONTEXT_INITIALIZER;
  settings.error_handler_fn = on_error;
  settings.user_data = &sink;
  settings.write_fn = write_bytes;
  exr_context_t context = NULL;
  exr_result_t result = exr_start_write(&context, "memory", EXR_WRITE_FILE_DIRECTLY, &settings);
  if (result == EXR_ERR_SUCCESS) result = write_header(context, image);
  if (result == EXR_ERR_SUCCESS) result = write_lines(context, image);
  // The table of offsets is written here.
  const exr_result_t finished = context ? exr_finish(&context) : EXR_ERR_SUCCESS;
  if (result == EXR_ERR_SUCCESS) result = finished;
  if (result != EXR_ERR_SUCCESS) {
    if (message.capacity > 0 && message.text[0] == 0) say(message, exr_get_default_error_message(result));
    free(sink.bytes);
    *file = NULL;
    *file_count = 0;
    return result == EXR_ERR_OUT_OF_MEMORY ? EXR_SHIM_OUT_OF_MEMORY : EXR_SHIM_CORRUPT;
  }
  *file = sink.bytes;
  *file_count = sink.count;
  return EXR_SHIM_OK;
}
