// The tile registers of AMX (Intel SDM, volume 1, chapter 18). There are eight; each holds up to 16
// rows of 64 bytes. Functions of this file are instructions; the numbers of registers are template
// arguments because they are part of the instruction. Internal to gemm_amx.cc and amx.cc.
#pragma once

#if defined(__x86_64__)

#include <cstdint>

#include "base/types.h"

namespace lockstep::amx {

// What LDTILECFG reads: the rows and the bytes per row of each register.
struct alignas(64) TileShapes {
  std::uint8_t palette = 1;
  std::uint8_t start_row = 0;
  std::uint8_t reserved[14] = {};
  std::uint16_t row_bytes[16] = {};
  std::uint8_t rows[16] = {};

  void Set(int tile, Index row_count) {
    row_bytes[tile] = 64;
    rows[tile] = static_cast<std::uint8_t>(row_count);
  }
};
static_assert(sizeof(TileShapes) == 64);

// Gives the registers their shapes; they are zero afterwards.
inline void Configure(const TileShapes& shapes) {
  __asm__ volatile("ldtilecfg %0" ::"m"(shapes) : "memory");
}
// Back to the state in which the operating system has nothing to save when it changes threads.
inline void Release() { __asm__ volatile("tilerelease" ::: "memory"); }

template <int kTile>
inline void Zero() {
  __asm__ volatile("tilezero %%tmm%c0" ::"i"(kTile));
}
// Rows are `stride` bytes apart.
template <int kTile>
inline void Load(const void* from, Index stride) {
  __asm__ volatile("tileloadd (%0,%1,1), %%tmm%c2" ::"r"(from), "r"(stride), "i"(kTile) : "memory");
}
template <int kTile>
inline void Store(void* to, Index stride) {
  __asm__ volatile("tilestored %%tmm%c2, (%0,%1,1)" ::"r"(to), "r"(stride), "i"(kTile) : "memory");
}
// Adds the product of tile kLeft, with rows of 32 bfloat16, and tile kRight, whose rows hold a pair
// of neighbouring k for each column, to the floats of tile kSum.
template <int kSum, int kLeft, int kRight>
inline void AddProduct() {
  __asm__ volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0" ::"i"(kSum), "i"(kLeft), "i"(kRight));
}

}  // namespace lockstep::amx

#endif
