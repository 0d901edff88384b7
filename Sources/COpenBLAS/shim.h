#pragma once
#include <cblas.h>

// LAPACK inside of OpenBLAS, whose packages in Debian have no header for it: Fortran's convention, integers of 32 bits.
void dposv_(const char *uplo, const int *n, const int *nrhs, double *a, const int *lda, double *b, const int *ldb, int *info);
