#include "worker/layers/step_dropout.h"

#include <algorithm>

#include "worker/kernels/dropout.h"

namespace lockstep {

// The rows of a step are those of the first sequences, so a mask that begins anew with each step is
// one mask per sequence.
template <typename S>
void DropValues(const CounterRng& rng, double probability, bool variational,
                const PackedLayout& layout, Index cols, S* x) {
  if (!variational) return ApplyDropout(rng, probability, layout.rows() * cols, x);
  for (Index t = 0; t < layout.steps(); ++t) {
    ApplyDropout(rng, probability, layout.active(t) * cols, x + layout.row_start(t) * cols);
  }
}

template <typename S>
void DropRows(const CounterRng& rng, double probability, Index rows, Index cols, Index stride,
              S* x) {
  for (Index row = 0; row < rows; ++row) {
    if (rng.Uniform(static_cast<std::uint64_t>(row)) < probability) {
      std::fill_n(x + row * stride, cols, S{0});
    }
  }
}

template <typename S>
void DropIds(const CounterRng& rng, double probability, std::span<const std::int32_t> ids,
             Index cols, Index stride, S* x) {
  const S scale = static_cast<S>(1 / (1 - probability));
  for (const std::int32_t id : ids) {
    const bool drops = rng.Uniform(static_cast<std::uint64_t>(id)) < probability;
    for (Index j = 0; j < cols; ++j) x[j] = drops ? S{0} : x[j] * scale;
    x += stride;
  }
}

template void DropValues(const CounterRng&, double, bool, const PackedLayout&, Index, float*);
template void DropValues(const CounterRng&, double, bool, const PackedLayout&, Index, double*);
template void DropRows(const CounterRng&, double, Index, Index, Index, float*);
template void DropRows(const CounterRng&, double, Index, Index, Index, double*);
template void DropIds(const CounterRng&, double, std::span<const std::int32_t>, Index, Index,
                      float*);
template void DropIds(const CounterRng&, double, std::span<const std::int32_t>, Index, Index,
                      double*);

}  // namespace lockstep
