// Block sizes of the matrix products, in rows, columns and units of k. Measured with bench/gemm on
// a core with 48 KiB of first and 1 MiB of second cache; the results do not depend on them.
#pragma once

#include "base/types.h"

namespace lockstep {

// Rows of c that a packed right-hand matrix passes over at once: their left-hand rows stay in the
// second cache.
inline constexpr Index kGemmRowBlock = 96;
// Of a^T b: units of k in a block, so that a panel of the right-hand side (48 columns) takes three
// quarters of the first cache; and the rows and columns of c in a block.
inline constexpr Index kGemmDepth = 192;
inline constexpr Index kGemmLeftBlock = 192;
inline constexpr Index kGemmRightBlock = 1056;

}  // namespace lockstep
