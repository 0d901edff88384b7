#pragma once

// What the kernels take of the C library: the toolchain has a module of it for the targets that it has a full runtime
// for, of which aarch64-none-none-elf is none.
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
