// What training drops of the rows of a packed slot: single values, whole steps, or all steps of a
// symbol. Masks depend on the generator alone, so the same call on the gradient of the result is
// the backward pass.
#pragma once

#include <span>

#include "base/counter_rng.h"
#include "data/batch/batch.h"

namespace lockstep {

// Drops values of x [rows, cols] (kernels/dropout.h). If `variational`, one mask for each sequence
// serves all its steps (Gal & Ghahramani 2016, arXiv:1512.05287, section 4).
template <typename S>
void DropValues(const CounterRng& rng, double probability, bool variational,
                const PackedLayout& layout, Index cols, S* x);

// Sets the first `cols` values of rows of x [rows, stride] to zero.
template <typename S>
void DropRows(const CounterRng& rng, double probability, Index rows, Index cols, Index stride,
              S* x);

// Sets the first `cols` values of all rows of an id to zero and multiplies those of the others by
// 1 / (1 - probability); x [ids, stride] has a row for each of `ids`.
template <typename S>
void DropIds(const CounterRng& rng, double probability, std::span<const std::int32_t> ids,
             Index cols, Index stride, S* x);

}  // namespace lockstep
