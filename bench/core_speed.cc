#include "bench/core_speed.h"

#include <algorithm>
#include <iterator>

#include "base/types.h"
#include "bench/stopwatch.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bench/core_speed.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace lockstep {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// GFLOP/s of multiply-adds, as many at a time as registers hold sums: none waits for another.
double ProductSpeed() {
  constexpr Index kTurns = 2000;
  constexpr int kSums = HWY_TARGET == HWY_AVX3 ? 24 : 12;
  const hn::ScalableTag<float> d;
  volatile float start = 0;  // the compiler must not know the numbers
  const auto factor = hn::Set(d, start);
  hn::Vec<decltype(d)> sums[kSums];
#pragma GCC unroll 24
  for (int i = 0; i < kSums; ++i) sums[i] = hn::Set(d, start + static_cast<float>(i));
  const Stopwatch watch;
  for (Index turn = 0; turn < kTurns; ++turn) {
#pragma GCC unroll 24
    for (int i = 0; i < kSums; ++i) sums[i] = hn::MulAdd(factor, factor, sums[i]);
  }
#pragma GCC unroll 24
  for (int i = 1; i < kSums; ++i) sums[0] = hn::Add(sums[0], sums[i]);
  start = hn::GetLane(sums[0]);  // somebody needs the sums
  return 2e-9 * kTurns * kSums * static_cast<double>(hn::Lanes(d)) / watch.Seconds();
}

}  // namespace HWY_NAMESPACE
}  // namespace lockstep
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lockstep {
namespace {

HWY_EXPORT(ProductSpeed);

constexpr int kBursts = 3;  // of which the fastest counts: interrupts only ever add time

// 1e9 instructions per second that do nothing.
double NopSpeed() {
  constexpr Index kTurns = 1000, kNops = 240;
  const Stopwatch watch;
  for (Index turn = 0; turn < kTurns; ++turn) __asm__ volatile(".rept 240\n\tnop\n\t.endr");
  return 1e-9 * kTurns * kNops / watch.Seconds();
}

template <typename Value>
double MedianOver(const std::vector<MeasuredTurn>& turns, const Value& value_of) {
  std::vector<double> values(turns.size());
  std::ranges::transform(turns, values.begin(), value_of);
  std::ranges::sort(values);
  return values[values.size() / 2];
}

}  // namespace

CoreSpeed MeasureCore() {
  CoreSpeed speed;
  for (int burst = 0; burst < kBursts; ++burst) {
    speed.gflops = std::max(speed.gflops, HWY_DYNAMIC_DISPATCH(ProductSpeed)());
    speed.nops = std::max(speed.nops, NopSpeed());
  }
  return speed;
}

std::vector<MeasuredTurn> TurnsAlone(const std::vector<MeasuredTurn>& turns) {
  constexpr double kAlone = 0.75;
  double most = 0;
  for (const MeasuredTurn& turn : turns) most = std::max({most, turn.before.nops, turn.after.nops});
  std::vector<MeasuredTurn> alone;
  std::ranges::copy_if(turns, std::back_inserter(alone), [&](const MeasuredTurn& turn) {
    return std::min(turn.before.nops, turn.after.nops) > kAlone * most;
  });
  return 3 * alone.size() < turns.size() ? turns : alone;
}

double MedianSeconds(const std::vector<MeasuredTurn>& turns) {
  return MedianOver(turns, [](const MeasuredTurn& turn) { return turn.seconds; });
}

double MedianPeak(const std::vector<MeasuredTurn>& turns) {
  return MedianOver(turns, [](const MeasuredTurn& turn) { return turn.peak_gflops(); });
}

double MedianShare(double flops, const std::vector<MeasuredTurn>& turns) {
  return MedianOver(turns, [flops](const MeasuredTurn& turn) {
    return 1e-9 * flops / turn.seconds / turn.peak_gflops();
  });
}

}  // namespace lockstep
#endif  // HWY_ONCE
