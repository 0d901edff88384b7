#pragma once
#include <cblas.h>
#include <stdbool.h>

// Has OpenBLAS compute on its caller's thread alone, and says whether several threads may call it at once. One that is
// built without threads, as Debian's libopenblas0-serial, would give the same buffer to two of them.
static inline bool openblas_can_be_shared(void) {
  openblas_set_num_threads(1);
  return openblas_get_parallel() != OPENBLAS_SEQUENTIAL;
}

// LAPACK inside of OpenBLAS, whose packages in Debian have no header for it: Fortran's convention, integers of 32 bits.
void dposv_(const char *uplo, const int *n, const int *nrhs, double *a, const int *lda, double *b, const int *ldb, int *info);
