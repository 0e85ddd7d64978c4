// Block sizes of the matrix products, in rows, columns and units of k. Chosen by measurement with
// bench/gemm on a core with 48 KiB of first-level and 1 MiB of second-level cache. The results do
// not depend on them, only the speed does, but for the last one.
#pragma once

#include "base/types.h"

namespace lockstep {

// The rows of c in a block of Multiply: the corresponding rows of the left-hand matrix stay in the
// second-level cache while all panels of the right-hand matrix pass over them.
inline constexpr Index kGemmRowBlock = 96;
// The units of k in a block of Multiply, at most. A panel of all k would be larger than the
// second-level cache where k is large, and would come from beyond it for each tile of rows.
inline constexpr Index kGemmDeepBlock = 1024;
// The rows of c in a block if k has several blocks, which leave room for more rows.
inline constexpr Index kGemmDeepRowBlock = 192;
// For a^T b (AddTransposed): the units of k in a block, so that a panel of the right-hand side (48
// columns) takes three quarters of the first-level cache; and the rows and columns of c in a block.
inline constexpr Index kGemmDepth = 192;
inline constexpr Index kGemmLeftBlock = 192;
inline constexpr Index kGemmRightBlock = 1056;
// For a^T b: the elements between rows of a, at most, for a to be used where it is, without
// packing. On an Emerald Rapids core this took 1.2 times less time with 64 to 192 columns, as much
// with 256, and 1.1 times more with 448 and above.
inline constexpr Index kGemmInPlace = 192;

// The k that an instruction of AMX takes at a time, so a part of the order of sums: not a free
// choice.
inline constexpr Index kAmxDepth = 32;

}  // namespace lockstep
