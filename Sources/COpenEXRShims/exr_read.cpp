#include <OpenEXR/Iex.h>
#include <OpenEXR/ImfFrameBuffer.h>
#include <OpenEXR/ImfHeader.h>
#include <OpenEXR/ImfIO.h>
#include <OpenEXR/ImfInputPart.h>
#include <OpenEXR/ImfMultiPartInputFile.h>
#include <OpenEXR/ImfPartType.h>
#include <OpenEXR/ImfRgbaFile.h>

#include <cstring>
#include <exception>
#include <mutex>
#include <new>
#include <stdexcept>

#include "COpenEXRShims.h"

namespace {

// A file in memory, which remembers whether anything was read behind its end.
class MemoryStream : public Imf::IStream {
 public:
  MemoryStream(const uint8_t *bytes, size_t count) : Imf::IStream("memory"), bytes_(bytes), count_(count) {}

  bool read(char target[], int count) override {
    if (count < 0 || position_ > count_ || static_cast<uint64_t>(count) > count_ - position_) {
      ends_early_ = true;
      throw Iex::InputExc("the data ends early");
    }
    std::memcpy(target, bytes_ + position_, static_cast<size_t>(count));
    position_ += static_cast<uint64_t>(count);
    return position_ < count_;
  }

  uint64_t tellg() override { return position_; }
  void seekg(uint64_t position) override { position_ = position; }
  bool ends_early() const { return ends_early_; }

 private:
  const uint8_t *bytes_;
  uint64_t count_;
  uint64_t position_ = 0;
  bool ends_early_ = false;
};

void say(exr_shim_message message, const char *text) {
  if (message.capacity == 0) return;
  const size_t length = std::strlen(text);
  const size_t kept = length < message.capacity - 1 ? length : message.capacity - 1;
  std::memcpy(message.text, text, kept);
  message.text[kept] = 0;
}

// Calls `body` with the file, and turns whatever it throws into a status.
template <typename Body>
exr_shim_status guarded(const uint8_t *bytes, size_t count, exr_shim_message message, Body body) {
  MemoryStream stream(bytes, count);
  try {
    static std::once_flag once;
    std::call_once(once, [] {
      Imf::Header::setMaxImageSize(EXR_SHIM_LARGEST_SIDE, EXR_SHIM_LARGEST_SIDE);
      Imf::Header::setMaxTileSize(EXR_SHIM_LARGEST_TILE, EXR_SHIM_LARGEST_TILE);
    });
    return body(stream);
  } catch (const std::bad_alloc &) {
    say(message, "out of memory");
    return EXR_SHIM_OUT_OF_MEMORY;
  } catch (const Iex::NoImplExc &error) {
    say(message, error.what());
    return EXR_SHIM_UNSUPPORTED;
  } catch (const std::exception &error) {
    say(message, error.what());
    // A file that was cut off, or was never finished, lacks lines or tiles, with offsets of 0.
    const bool lacks = std::strstr(error.what(), "missing") != nullptr;
    return stream.ends_early() || lacks ? EXR_SHIM_TRUNCATED : EXR_SHIM_CORRUPT;
  } catch (...) {
    say(message, "an unknown error");
    return EXR_SHIM_CORRUPT;
  }
}

// Whether a data window has as many pixels as the caller's buffer.
bool fits(const Imath::Box2i &window, size_t pixel_count, size_t *width) {
  const int64_t columns = static_cast<int64_t>(window.max.x) - window.min.x + 1;
  const int64_t rows = static_cast<int64_t>(window.max.y) - window.min.y + 1;
  if (columns < 1 || rows < 1) return false;
  *width = static_cast<size_t>(columns);
  return pixel_count % *width == 0 && pixel_count / *width == static_cast<size_t>(rows);
}

exr_shim_status misfit(exr_shim_message message) {
  say(message, "the buffer does not fit the image");
  return EXR_SHIM_OUT_OF_MEMORY;
}

const uint16_t one = 0x3C00;

}  // namespace

exr_shim_status exr_shim_read(
    const uint8_t *bytes, size_t count, int part, const char *const channels[4], uint16_t *pixels, size_t pixel_count,
    exr_shim_message message) {
  return guarded(bytes, count, message, [&](MemoryStream &stream) {
    // Without threads, and without guesses at offsets that the file lacks.
    Imf::MultiPartInputFile file(stream, 0, false);
    if (part < 0 || part >= file.parts()) throw Iex::ArgExc("there is no such part");
    const Imf::Header &header = file.header(part);
    if (header.hasType() && Imf::isDeepData(header.type())) throw Iex::NoImplExc("deep data");
    size_t width = 0;
    const Imath::Box2i window = header.dataWindow();
    if (!fits(window, pixel_count, &width)) return misfit(message);

    Imf::FrameBuffer buffer;
    for (int index = 0; index < 4; index++) {
      if (!channels[index] || buffer.findSlice(channels[index])) continue;
      buffer.insert(
          channels[index], Imf::Slice::Make(
                               Imf::HALF, pixels + index, window.min, static_cast<int64_t>(width),
                               static_cast<int64_t>(pixel_count / width), 4 * sizeof(uint16_t),
                               4 * sizeof(uint16_t) * width));
    }
    Imf::InputPart input(file, part);
    input.setFrameBuffer(buffer);
    input.readPixels(window.min.y, window.max.y);

    for (int index = 0; index < 4; index++) {
      int source = index;
      for (int other = 0; channels[index] && other < index && source == index; other++)
        if (channels[other] && std::strcmp(channels[other], channels[index]) == 0) source = other;
      if (channels[index] && source == index) continue;
      for (size_t pixel = 0; pixel < pixel_count; pixel++)
        pixels[4 * pixel + index] = channels[index] ? pixels[4 * pixel + source] : one;
    }
    return EXR_SHIM_OK;
  });
}

exr_shim_status exr_shim_read_luminance_chroma(
    const uint8_t *bytes, size_t count, const char *layer, uint16_t *pixels, size_t pixel_count,
    exr_shim_message message) {
  return guarded(bytes, count, message, [&](MemoryStream &stream) {
    Imf::RgbaInputFile file(stream, layer, 0);
    size_t width = 0;
    const Imath::Box2i window = file.dataWindow();
    if (!fits(window, pixel_count, &width)) return misfit(message);
    static_assert(sizeof(Imf::Rgba) == 4 * sizeof(uint16_t), "a pixel of four halves");
    Imf::Rgba *base = reinterpret_cast<Imf::Rgba *>(pixels);
    const ptrdiff_t origin = window.min.x + window.min.y * static_cast<ptrdiff_t>(width);
    file.setFrameBuffer(base - origin, 1, width);
    file.readPixels(window.min.y, window.max.y);
    return EXR_SHIM_OK;
  });
}
