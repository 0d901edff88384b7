#pragma once

// Counts what a program takes from the heap. A program that links this has its malloc, calloc, realloc, aligned_alloc,
// memalign and posix_memalign replaced by ones that count while counting is on and hand the call on to glibc's own.

#include <stdbool.h>

/// False where nothing is replaced: with a C library other than glibc, and under a sanitizer, which replaces them too.
bool allocation_count_is_available(void);

/// Counts from 0 on, all threads together.
void allocation_count_start(void);

/// Ends the counting; returns the number of calls since it began.
long allocation_count_stop(void);
