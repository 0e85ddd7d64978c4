#include "worker/kernels/zoneout.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "base/function_clones.h"

namespace lockstep {
namespace {

// As in dropout.cc, 16 bits of the generator decide about a unit.
constexpr Index kPerBlock = 8;
constexpr Index kPerCall = kPerBlock * CounterRng::kManyBlocks;
constexpr int kStepBits = 32;  // the blocks of step t begin at t << kStepBits

std::uint32_t Threshold(double probability) {
  return static_cast<std::uint32_t>(std::lround(probability * 65536));
}

// Functions without fused multiply-add: the same bits on every instruction set. k = 1 gives exactly
// `old`, and k = 0 exactly x.
LOCKSTEP_CLONES void Mix(Index count, const float* k, const float* old, float* x) {
  for (Index i = 0; i < count; ++i) x[i] = (1.0f - k[i]) * x[i] + k[i] * old[i];
}
LOCKSTEP_CLONES void Mix(Index count, const double* k, const double* old, double* x) {
  for (Index i = 0; i < count; ++i) x[i] = (1.0 - k[i]) * x[i] + k[i] * old[i];
}

LOCKSTEP_CLONES void Split(Index count, const float* k, const float* total, float* through,
                           float* past) {
  for (Index i = 0; i < count; ++i) {
    past[i] = k[i] * total[i];
    through[i] = (1.0f - k[i]) * total[i];
  }
}
LOCKSTEP_CLONES void Split(Index count, const double* k, const double* total, double* through,
                           double* past) {
  for (Index i = 0; i < count; ++i) {
    past[i] = k[i] * total[i];
    through[i] = (1.0 - k[i]) * total[i];
  }
}

template <typename S>
void AddTo(Index count, const S* b, S* a) {
  for (Index i = 0; i < count; ++i) a[i] += b[i];
}

}  // namespace

template <typename S>
void DrawKept(const CounterRng& rng, double probability, Index t, Index count, S* keep) {
  const std::uint32_t threshold = Threshold(probability);
  std::array<std::uint32_t, kPerCall / 2> words;
  std::array<std::uint16_t, kPerCall> draws;
  const std::uint64_t first = static_cast<std::uint64_t>(t) << kStepBits;
  for (Index start = 0; start < count; start += kPerCall) {
    rng.FillBlocks(first + static_cast<std::uint64_t>(start / kPerBlock), words);
    std::memcpy(draws.data(), words.data(), sizeof(draws));
    const Index units = std::min(kPerCall, count - start);
    for (Index i = 0; i < units; ++i) {
      keep[start + i] = draws[static_cast<std::size_t>(i)] < threshold ? S(1) : S(0);
    }
  }
}

template <typename S>
void SetExpectedKept(double probability, Index count, S* keep) {
  std::fill_n(keep, count, static_cast<S>(Threshold(probability) / 65536.0));
}

template <typename S>
void ZoneoutForward(const CellStep<S>& step, const ZoneoutRows<S>& rows) {
  const Index H = step.hidden;
  for (Index b = 0; b < step.rows; ++b) {
    S* const h = step.h + b * step.h_stride;
    if (rows.cell_output != nullptr) std::copy_n(h, H, rows.cell_output + b * H);
    Mix(H, rows.keep + b * H, step.h_prev + b * step.h_prev_stride, h);
  }
  if (rows.keep_memory == nullptr) return;
  Mix(step.rows * H, rows.keep_memory, step.memory_prev, step.memory);
}

template <typename S>
void ZoneoutBackward(const CellStep<S>& step, const ZoneoutRows<S>& rows) {
  const Index H = step.hidden;
  for (Index b = 0; b < step.rows; ++b) {
    S* const d_h = step.d_h + b * H;
    AddTo(H, step.d_out + b * step.d_out_stride, d_h);
    Split(H, rows.keep + b * H, d_h, d_h, rows.past_h + b * H);
  }
  if (rows.keep_memory == nullptr) return;
  Split(step.rows * H, rows.keep_memory, step.d_memory, step.d_memory, rows.past_memory);
}

template void DrawKept(const CounterRng&, double, Index, Index, float*);
template void DrawKept(const CounterRng&, double, Index, Index, double*);
template void SetExpectedKept(double, Index, float*);
template void SetExpectedKept(double, Index, double*);
template void ZoneoutForward(const CellStep<float>&, const ZoneoutRows<float>&);
template void ZoneoutForward(const CellStep<double>&, const ZoneoutRows<double>&);
template void ZoneoutBackward(const CellStep<float>&, const ZoneoutRows<float>&);
template void ZoneoutBackward(const CellStep<double>&, const ZoneoutRows<double>&);

}  // namespace lockstep
