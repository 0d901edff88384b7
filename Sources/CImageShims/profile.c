#include <lcms2.h>
#include <stdlib.h>
#include <string.h>

#include "CImageShims.h"

static cmsUInt32Number rgb(int sample_bytes) {
  return COLORSPACE_SH(PT_RGB) | CHANNELS_SH(3) | BYTES_SH(sample_bytes);
}

// The first of three equal samples.
static cmsUInt32Number gray_of_rgb(int sample_bytes) {
  return COLORSPACE_SH(PT_GRAY) | CHANNELS_SH(1) | EXTRA_SH(2) | BYTES_SH(sample_bytes);
}

static int is_gray(const uint8_t *pixels, size_t count, size_t sample_bytes) {
  for (size_t index = 0; index < count; index++, pixels += 3 * sample_bytes)
    if (memcmp(pixels, pixels + sample_bytes, sample_bytes) || memcmp(pixels, pixels + 2 * sample_bytes, sample_bytes))
      return 0;
  return 1;
}

static cmsHPROFILE open_profile(cmsContext context, const uint8_t *profile, size_t profile_bytes) {
  if (!context || profile_bytes > UINT32_MAX) return NULL;
  return cmsOpenProfileFromMemTHR(context, profile, (cmsUInt32Number)profile_bytes);
}

// A transform of a profile's colors to sRGB, or the other way round; null where the profile is damaged.
static cmsHTRANSFORM make_transform(cmsContext context, cmsHPROFILE profile, int is_to_srgb, int sample_bytes) {
  cmsHPROFILE srgb = cmsCreate_sRGBProfileTHR(context);
  if (!srgb) return NULL;
  const cmsUInt32Number own = cmsGetColorSpace(profile) == cmsSigGrayData ? gray_of_rgb(sample_bytes) : rgb(sample_bytes);
  cmsHTRANSFORM transform = cmsCreateTransformTHR(
      context, is_to_srgb ? profile : srgb, is_to_srgb ? own : rgb(sample_bytes), is_to_srgb ? srgb : profile,
      is_to_srgb ? rgb(sample_bytes) : own, INTENT_PERCEPTUAL, cmsFLAGS_NOCACHE);
  cmsCloseProfile(srgb);
  return transform;
}

// Whether the transform of a profile's colors to sRGB leaves them as they are, but for rounding to bytes: tried with grays,
// and with the edges of the cube of colors. -1 where there is no transform.
static int is_identity(cmsContext context, cmsHPROFILE profile) {
  cmsHTRANSFORM transform = make_transform(context, profile, 1, 1);
  if (!transform) return -1;
  const int of_grays = cmsGetColorSpace(profile) == cmsSigGrayData;
  uint8_t before[8 * 16 * 3], after[sizeof before];
  size_t count = 0;
  for (int mask = of_grays ? 7 : 1; mask < 8; mask++)
    for (int step = 0; step < 16; step++, count++)
      for (int channel = 0; channel < 3; channel++) before[3 * count + channel] = mask >> channel & 1 ? 17 * step : 0;
  cmsDoTransform(transform, before, after, (cmsUInt32Number)count);
  cmsDeleteTransform(transform);
  for (size_t index = 0; index < 3 * count; index++)
    if (abs(before[index] - after[index]) > 1) return 0;
  return 1;
}

static int transform_pixels(
    cmsContext context, cmsHPROFILE profile, int is_to_srgb, uint8_t *pixels, size_t count, int sample_bytes) {
  cmsHTRANSFORM transform = make_transform(context, profile, is_to_srgb, sample_bytes);
  if (!transform) return 0;
  const size_t most = 1 << 20, pixel_bytes = 3 * (size_t)sample_bytes;
  for (size_t done = 0; done < count; done += most) {
    const size_t part = count - done < most ? count - done : most;
    cmsDoTransform(transform, pixels + pixel_bytes * done, pixels + pixel_bytes * done, (cmsUInt32Number)part);
  }
  cmsDeleteTransform(transform);
  return 1;
}

static image_profile_result convert(
    const uint8_t *bytes, size_t byte_count, int is_to_srgb, void *pixels, size_t count, int sample_bytes) {
  cmsContext context = cmsCreateContext(NULL, NULL);
  cmsHPROFILE profile = open_profile(context, bytes, byte_count);
  image_profile_result result = IMAGE_PROFILE_UNUSABLE;
  if (profile) {
    const cmsColorSpaceSignature space = cmsGetColorSpace(profile);
    if (space == cmsSigRgbData || (is_to_srgb && space == cmsSigGrayData && is_gray(pixels, count, (size_t)sample_bytes))) {
      const int identity = is_identity(context, profile);
      if (identity == 1) result = IMAGE_PROFILE_IS_SRGB;
      if (identity == 0 && transform_pixels(context, profile, is_to_srgb, pixels, count, sample_bytes))
        result = IMAGE_PROFILE_APPLIED;
    }
    cmsCloseProfile(profile);
  }
  if (context) cmsDeleteContext(context);
  return result;
}

image_profile_result image_profile_apply(
    const uint8_t *profile, size_t profile_bytes, void *pixels, size_t count, int sample_bytes) {
  return convert(profile, profile_bytes, 1, pixels, count, sample_bytes);
}

image_profile_result image_profile_from_srgb(
    const uint8_t *profile, size_t profile_bytes, void *pixels, size_t count, int sample_bytes) {
  return convert(profile, profile_bytes, 0, pixels, count, sample_bytes);
}

int image_profile_is_rgb(const uint8_t *bytes, size_t byte_count) {
  cmsContext context = cmsCreateContext(NULL, NULL);
  cmsHPROFILE profile = open_profile(context, bytes, byte_count);
  const int is_rgb = profile && cmsGetColorSpace(profile) == cmsSigRgbData;
  if (profile) cmsCloseProfile(profile);
  if (context) cmsDeleteContext(context);
  return is_rgb;
}

uint8_t *image_profile_make(const double chromaticities[8], double gamma, size_t *profile_bytes) {
  // IEC 61966-2-1 as Little CMS's parametric curve 4.
  const cmsFloat64Number srgb[5] = {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045};
  cmsContext context = cmsCreateContext(NULL, NULL);
  if (!context) return NULL;
  uint8_t *bytes = NULL;
  cmsUInt32Number count = 0;
  cmsToneCurve *curve =
      gamma == 0 ? cmsBuildParametricToneCurve(context, 4, srgb) : cmsBuildGamma(context, gamma);
  if (curve) {
    const cmsCIExyY white = {chromaticities[6], chromaticities[7], 1};
    const cmsCIExyYTRIPLE primaries = {
        {chromaticities[0], chromaticities[1], 1},
        {chromaticities[2], chromaticities[3], 1},
        {chromaticities[4], chromaticities[5], 1}};
    cmsToneCurve *curves[3] = {curve, curve, curve};
    cmsHPROFILE profile = cmsCreateRGBProfileTHR(context, &white, &primaries, curves);
    if (profile && cmsSaveProfileToMem(profile, NULL, &count) && (bytes = malloc(count))) {
      if (!cmsSaveProfileToMem(profile, bytes, &count)) {
        free(bytes);
        bytes = NULL;
      }
    }
    if (profile) cmsCloseProfile(profile);
    cmsFreeToneCurve(curve);
  }
  cmsDeleteContext(context);
  *profile_bytes = bytes ? count : 0;
  return bytes;
}

void image_profile_free(uint8_t *profile) { free(profile); }
