#include <lcms2.h>
#include <stdlib.h>

#include "CImageShims.h"

static const cmsUInt32Number three_bytes = TYPE_RGB_8;
// The first of three equal bytes.
static const cmsUInt32Number gray_of_three_bytes =
    COLORSPACE_SH(PT_GRAY) | CHANNELS_SH(1) | EXTRA_SH(2) | BYTES_SH(1);

static int is_gray(const uint8_t *pixels, size_t count) {
  for (size_t index = 0; index < count; index++, pixels += 3)
    if (pixels[0] != pixels[1] || pixels[0] != pixels[2]) return 0;
  return 1;
}

// A transform of the profile's colors to sRGB; null where the profile is damaged, or of another color space than the
// pixels.
static cmsHTRANSFORM make_transform(cmsContext context, cmsHPROFILE source, const uint8_t *pixels, size_t count) {
  cmsUInt32Number format;
  switch (cmsGetColorSpace(source)) {
    case cmsSigRgbData: format = three_bytes; break;
    case cmsSigGrayData:
      if (!is_gray(pixels, count)) return NULL;
      format = gray_of_three_bytes;
      break;
    default: return NULL;
  }
  cmsHPROFILE target = cmsCreate_sRGBProfileTHR(context);
  if (!target) return NULL;
  cmsHTRANSFORM transform =
      cmsCreateTransformTHR(context, source, format, target, three_bytes, INTENT_PERCEPTUAL, cmsFLAGS_NOCACHE);
  cmsCloseProfile(target);
  return transform;
}

// Whether the transform leaves colors as they are, but for rounding: tried with grays, and with the edges of the cube of
// colors.
static int is_identity(cmsHTRANSFORM transform, int of_grays) {
  uint8_t before[8 * 16 * 3], after[sizeof before];
  size_t count = 0;
  for (int mask = of_grays ? 7 : 1; mask < 8; mask++)
    for (int step = 0; step < 16; step++, count++)
      for (int channel = 0; channel < 3; channel++) before[3 * count + channel] = mask >> channel & 1 ? 17 * step : 0;
  cmsDoTransform(transform, before, after, (cmsUInt32Number)count);
  for (size_t index = 0; index < 3 * count; index++)
    if (abs(before[index] - after[index]) > 1) return 0;
  return 1;
}

image_profile_result image_profile_apply(
    const uint8_t *profile, size_t profile_bytes, uint8_t *pixels, size_t count) {
  if (profile_bytes > UINT32_MAX) return IMAGE_PROFILE_UNUSABLE;
  cmsContext context = cmsCreateContext(NULL, NULL);
  if (!context) return IMAGE_PROFILE_UNUSABLE;
  image_profile_result result = IMAGE_PROFILE_UNUSABLE;
  cmsHPROFILE source = cmsOpenProfileFromMemTHR(context, profile, (cmsUInt32Number)profile_bytes);
  if (source) {
    cmsHTRANSFORM transform = make_transform(context, source, pixels, count);
    if (transform) {
      result = is_identity(transform, cmsGetColorSpace(source) == cmsSigGrayData) ? IMAGE_PROFILE_IS_SRGB
                                                                                  : IMAGE_PROFILE_APPLIED;
      const size_t most = 1 << 20;
      for (size_t done = 0; result == IMAGE_PROFILE_APPLIED && done < count; done += most) {
        const size_t part = count - done < most ? count - done : most;
        cmsDoTransform(transform, pixels + 3 * done, pixels + 3 * done, (cmsUInt32Number)part);
      }
      cmsDeleteTransform(transform);
    }
    cmsCloseProfile(source);
  }
  cmsDeleteContext(context);
  return result;
}
