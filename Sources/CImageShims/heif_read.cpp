#include <libheif/heif.h>

#include <cstring>
#include <exception>
#include <memory>
#include <new>

#include "CImageShims.h"

extern "C" {
#include "messages.h"
}

namespace {

struct Free {
  void operator()(heif_context *context) const { heif_context_free(context); }
  void operator()(const heif_image_handle *handle) const { heif_image_handle_release(handle); }
  void operator()(const heif_image *image) const { heif_image_release(image); }
  void operator()(heif_decoding_options *options) const { heif_decoding_options_free(options); }
  void operator()(heif_color_profile_nclx *profile) const { heif_nclx_color_profile_free(profile); }
};

template <typename Value>
using Owned = std::unique_ptr<Value, Free>;

image_shim_status fail(image_shim_message message, image_shim_status status, const char *text) {
  image_shim_say(message, text);
  return status;
}

image_shim_status fail(image_shim_message message, const heif_error &error) {
  image_shim_status status = IMAGE_SHIM_CORRUPT;
  if (error.subcode == heif_suberror_End_of_data) status = IMAGE_SHIM_TRUNCATED;
  if (error.code == heif_error_Unsupported_filetype || error.code == heif_error_Unsupported_feature)
    status = IMAGE_SHIM_UNSUPPORTED;
  if (error.code == heif_error_Memory_allocation_error) status = IMAGE_SHIM_TOO_LARGE;
  return fail(message, status, error.message ? error.message : "unknown");
}

// Calls `body` with the first picture of a file, and lets no exception out.
template <typename Body>
image_shim_status with_picture(
    const uint8_t *bytes, size_t count, uint32_t largest_side, image_shim_message message, Body body) {
  try {
    Owned<heif_context> context(heif_context_alloc());
    if (!context) return fail(message, IMAGE_SHIM_OUT_OF_MEMORY, "out of memory");
    heif_context_set_maximum_image_size_limit(context.get(), static_cast<int>(largest_side));
    heif_error error = heif_context_read_from_memory_without_copy(context.get(), bytes, count, nullptr);
    if (error.code != heif_error_Ok) return fail(message, error);
    heif_image_handle *handle = nullptr;
    error = heif_context_get_primary_image_handle(context.get(), &handle);
    if (error.code != heif_error_Ok) return fail(message, error);
    Owned<heif_image_handle> owned(handle);
    return body(handle);
  } catch (const std::bad_alloc &) {
    return fail(message, IMAGE_SHIM_OUT_OF_MEMORY, "out of memory");
  } catch (const std::exception &error) {
    return fail(message, IMAGE_SHIM_CORRUPT, error.what());
  } catch (...) {
    return fail(message, IMAGE_SHIM_CORRUPT, "an unknown error");
  }
}

void visit_profile(const heif_image_handle *handle, const image_metadata_visitor *metadata) {
  const size_t size = heif_image_handle_get_raw_color_profile_size(handle);
  if (size == 0 || size > (4 << 20)) return;
  std::unique_ptr<uint8_t[]> profile(new uint8_t[size]);
  if (heif_image_handle_get_raw_color_profile(handle, profile.get()).code == heif_error_Ok)
    metadata->visit(metadata->context, IMAGE_HEIF_PROFILE, profile.get(), size);
}

void read_code_points(const heif_image_handle *handle, image_heif_header *header) {
  heif_color_profile_nclx *found = nullptr;
  if (heif_image_handle_get_nclx_color_profile(handle, &found).code != heif_error_Ok || !found) return;
  Owned<heif_color_profile_nclx> profile(found);
  header->primaries = static_cast<uint16_t>(profile->color_primaries);
  header->transfer = static_cast<uint16_t>(profile->transfer_characteristics);
}

}  // namespace

image_shim_status image_heif_read_header(
    const uint8_t *bytes, size_t count, uint32_t largest_side, image_heif_header *header,
    const image_metadata_visitor *metadata, image_shim_message message) {
  return with_picture(bytes, count, largest_side, message, [&](const heif_image_handle *handle) {
    *header = image_heif_header();
    const int width = heif_image_handle_get_width(handle), height = heif_image_handle_get_height(handle);
    const int coded_width = heif_image_handle_get_ispe_width(handle);
    const int coded_height = heif_image_handle_get_ispe_height(handle);
    const int bits = heif_image_handle_get_luma_bits_per_pixel(handle);
    if (width <= 0 || height <= 0 || coded_width <= 0 || coded_height <= 0)
      return fail(message, IMAGE_SHIM_CORRUPT, "it has no size");
    header->width = static_cast<uint32_t>(width);
    header->height = static_cast<uint32_t>(height);
    header->coded_width = static_cast<uint32_t>(coded_width);
    header->coded_height = static_cast<uint32_t>(coded_height);
    header->bits = static_cast<uint8_t>(bits > 8 && bits <= 16 ? bits : 8);
    header->has_alpha = heif_image_handle_has_alpha_channel(handle) != 0;
    header->is_premultiplied = header->has_alpha && heif_image_handle_is_premultiplied_alpha(handle) != 0;
    visit_profile(handle, metadata);
    read_code_points(handle, header);
    return IMAGE_SHIM_OK;
  });
}

image_shim_status image_heif_read(
    const uint8_t *bytes, size_t count, uint32_t largest_side, image_heif_header *header, void *pixels,
    size_t pixel_bytes, image_shim_message message, image_shim_message warning) {
  return with_picture(bytes, count, largest_side, message, [&](const heif_image_handle *handle) {
    const bool is_wide = header->bits > 8, has_alpha = header->has_alpha != 0;
    const size_t one_pixel = (has_alpha ? 4 : 3) * (is_wide ? 2 : 1);
    if (pixel_bytes / one_pixel / header->width != header->height || pixel_bytes % (header->width * one_pixel) != 0)
      return fail(message, IMAGE_SHIM_OUT_OF_MEMORY, "the buffer does not fit the image");
    Owned<heif_decoding_options> options(heif_decoding_options_alloc());
    if (!options) return fail(message, IMAGE_SHIM_OUT_OF_MEMORY, "out of memory");
#if LIBHEIF_HAVE_VERSION(1, 15, 0)
    // Where it is there, for AV1: dav1d prints what is wrong with a file, and the library has no way to stop it. Planes of
    // alpha are decoded as the library chooses.
    options->decoder_id = "aom";
#endif
    // All processors that this package knows are little-endian.
    const heif_chroma chroma =
        is_wide ? (has_alpha ? heif_chroma_interleaved_RRGGBBAA_LE : heif_chroma_interleaved_RRGGBB_LE)
                : (has_alpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB);
    heif_image *decoded = nullptr;
    const heif_error error = heif_decode_image(handle, &decoded, heif_colorspace_RGB, chroma, options.get());
    if (error.code != heif_error_Ok) return fail(message, error);
    Owned<heif_image> image(decoded);
    int stride = 0;
    const uint8_t *plane = heif_image_get_plane_readonly(decoded, heif_channel_interleaved, &stride);
    const int bits = heif_image_get_bits_per_pixel_range(decoded, heif_channel_interleaved);
    const int width = heif_image_get_width(decoded, heif_channel_interleaved);
    const int height = heif_image_get_height(decoded, heif_channel_interleaved);
    if (width <= 0 || height <= 0) return fail(message, IMAGE_SHIM_CORRUPT, "it has no size");
    // Cameras list how a picture is turned before its size, and then libheif 1.15 says the size that it had before.
    const size_t row_bytes = width * one_pixel;
    if (!plane || row_bytes * height > pixel_bytes || static_cast<size_t>(stride) < row_bytes ||
        (is_wide ? bits < 9 || bits > 16 : bits != 8))
      return fail(message, IMAGE_SHIM_CORRUPT, "its pixels are others than its header says");
    header->width = static_cast<uint32_t>(width);
    header->height = static_cast<uint32_t>(height);
    const uint32_t most = (1u << bits) - 1;
    for (size_t y = 0; y < header->height; y++) {
      uint8_t *target = static_cast<uint8_t *>(pixels) + y * row_bytes;
      std::memcpy(target, plane + y * static_cast<size_t>(stride), row_bytes);
      if (!is_wide || most == 65535) continue;
      uint16_t *samples = reinterpret_cast<uint16_t *>(target);
      for (size_t index = 0; index < row_bytes / 2; index++) {
        const uint32_t sample = samples[index] < most ? samples[index] : most;
        samples[index] = static_cast<uint16_t>((sample * 65535 + most / 2) / most);
      }
    }
    heif_error first;
    if (heif_image_get_decoding_warnings(decoded, 0, &first, 1) > 0 && first.message)
      image_shim_say(warning, first.message);
    return IMAGE_SHIM_OK;
  });
}
