// How many labels one must insert, delete or replace to turn one sequence into another (Levenshtein
// 1966): the errors of a label error rate. For use within a training step;
// worker/metrics/error_rate.h tells the kinds of errors apart.
#pragma once

#include <cstdint>
#include <span>

#include "base/types.h"

namespace lockstep {

// `row` is scratch, [b.size() + 1]. Time grows with a.size() * b.size().
Index EditDistance(std::span<const std::int32_t> a, std::span<const std::int32_t> b,
                   std::int32_t* row);

}  // namespace lockstep
