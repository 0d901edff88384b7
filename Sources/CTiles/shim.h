#pragma once

// The instructions of AMX. Their intrinsics are macros, since the number of a tile is part of an instruction, and Swift
// imports no macros that take arguments: each has a function here for each tile that it is used with.
//
// Tiles 0 to 3 are sums, of the left operand's tiles 4 and 5 and the right operand's tiles 6 and 7:
//
//         6   7
//     4   0   1
//     5   2   3

#if defined(__x86_64__)

#include <immintrin.h>
#include <stdint.h>

/// What `ldtilecfg` reads: rows of each tile, and bytes of a row.
struct tile_configuration {
  uint8_t palette;
  uint8_t start_row;
  uint8_t reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
};

#define TILES static inline __attribute__((always_inline, target("amx-tile,amx-int8")))

/// Gives all tiles their sizes, and zeros: left tiles 16 rows of `words` 32-bit words, right tiles `words` rows of 16, sums
/// 16 of 16.
TILES void tiles_configure(int words) {
  struct tile_configuration configuration = {.palette = 1};
  for (int tile = 0; tile < 8; tile++) {
    configuration.rows[tile] = (uint8_t)(tile < 6 ? 16 : words);
    configuration.row_bytes[tile] = (uint16_t)(tile == 4 || tile == 5 ? 4 * words : 64);
  }
  _tile_loadconfig(&configuration);
}

/// Zeros all tiles, so that the system need not keep them for the thread.
TILES void tiles_release(void) { _tile_release(); }

#define TILE(number)                                                                                                   \
  /** Loads rows that are `stride` bytes apart. */                                                                     \
  TILES void tile_load_##number(const void *base, long stride) { _tile_loadd(number, base, stride); }                  \
  /** Stores rows that are `stride` bytes apart. */                                                                    \
  TILES void tile_store_##number(void *base, long stride) { _tile_stored(number, base, stride); }

TILE(0)
TILE(1)
TILE(2)
TILE(3)
TILE(4)
TILE(5)
TILE(6)
TILE(7)

/// Adds the products of uint8 in a left tile and int8 in a right one: four of each word.
TILES void tile_add_products_0(void) { _tile_dpbusd(0, 4, 6); }
TILES void tile_add_products_1(void) { _tile_dpbusd(1, 4, 7); }
TILES void tile_add_products_2(void) { _tile_dpbusd(2, 5, 6); }
TILES void tile_add_products_3(void) { _tile_dpbusd(3, 5, 7); }

#undef TILE
#undef TILES

#endif
