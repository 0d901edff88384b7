#pragma once

// What the processor can do and the operating system lets it do: the compiler's runtime asks CPUID and XGETBV. Swift
// can call neither builtin itself.

#include <stdbool.h>

static inline bool processor_has_avx2(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
  return false;
#endif
}

static inline bool processor_has_avx_vnni(void) {
#if defined(__x86_64__)
  return processor_has_avx2() && __builtin_cpu_supports("avxvnni");
#else
  return false;
#endif
}

static inline bool processor_has_avx512(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  return processor_has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
#else
  return false;
#endif
}

static inline bool processor_has_avx512_vnni(void) {
#if defined(__x86_64__)
  return processor_has_avx512() && __builtin_cpu_supports("avx512vnni");
#else
  return false;
#endif
}
