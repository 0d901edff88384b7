#pragma once

// What the processor can do and the operating system lets it do: the compiler's runtime asks CPUID and XGETBV. Swift
// can call neither builtin itself.

#include <stdbool.h>

#if defined(__x86_64__) && defined(__linux__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

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

/// Asks the system for the tiles, for all threads of the process: Linux keeps them only for processes that ask. Other
/// systems are not asked.
static inline bool processor_has_amx_int8(void) {
#if defined(__x86_64__) && defined(__linux__)
  const int request_permission = 0x1023, tile_data = 18;  // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
  const unsigned tiles = 1u << 24, products_of_bytes = 1u << 25;
  unsigned a, b, c, d;
  return processor_has_avx512_vnni() && __get_cpuid_count(7, 0, &a, &b, &c, &d) && (d & tiles) &&
         (d & products_of_bytes) && syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
#else
  return false;
#endif
}
