// Eight doubles that are computed with at once, for functions with LOCKSTEP_CLONES. The compiler
// divides them into registers of the instruction set of each clone; the bits are the same in all.
#pragma once

#include <cstdint>

#include "base/types.h"

namespace lockstep {

inline constexpr Index kCrfLanes = 8;

using CrfLanes = double __attribute__((vector_size(kCrfLanes * sizeof(double)), may_alias));
using CrfLaneIds = std::int64_t __attribute__((vector_size(kCrfLanes * sizeof(double)), may_alias));

// `at` is aligned to 64 bytes, as rows of kCrfLanes in a workspace are.
inline const CrfLanes& LanesAt(const double* at) { return *reinterpret_cast<const CrfLanes*>(at); }
inline CrfLanes& LanesAt(double* at) { return *reinterpret_cast<CrfLanes*>(at); }

inline double SumLanes(const CrfLanes& x) {
  return ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7]));
}

}  // namespace lockstep
