#include "trainer/watch/time_limit.h"

#include <algorithm>
#include <utility>

namespace lockstep {
namespace {

constexpr double kSlowDiskBytesPerSecond = 100e6;
constexpr double kLargestBaseShare = 0.1;
constexpr double kSaves = 2;
constexpr double kMedianSteps = 10;

}  // namespace

TimeLimit::TimeLimit(const TimeLimitOptions& options, Index state_bytes)
    : options_(options),
      save_seconds_(static_cast<double>(state_bytes) / kSlowDiskBytesPerSecond) {}

void TimeLimit::EndStep(double now) {
  const double before = std::exchange(step_ended_at_, now);
  if (before == 0) return;
  steps_[static_cast<std::size_t>(steps_seen_++ % kSteps)] = now - before;
}

void TimeLimit::AddSave(double seconds) {
  save_seconds_ = has_saved_ ? std::max(save_seconds_, seconds) : seconds;
  has_saved_ = true;
}

double TimeLimit::margin() const {
  const double base = std::min(options_.margin_seconds, kLargestBaseShare * options_.seconds);
  return base + kSaves * save_seconds_ + kMedianSteps * MedianStep();
}

double TimeLimit::MedianStep() const {
  const Index count = std::min(steps_seen_, kSteps);
  if (count == 0) return 0;
  std::array<double, kSteps> sorted = steps_;
  const auto middle = sorted.begin() + count / 2;
  std::nth_element(sorted.begin(), middle, sorted.begin() + count);
  return *middle;
}

}  // namespace lockstep
