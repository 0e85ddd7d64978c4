#include "launch/stall_watch.h"

#include <algorithm>

namespace lockstep {
namespace {

constexpr double kMedianSteps = 10;
constexpr Index kFirstSteps = 3;    // connect, touch memory and warm caches
constexpr double kSlowFactor = 10;  // storage has bad minutes
constexpr double kWaitFactor = 15;
constexpr double kConnectSeconds = 300;
constexpr double kSlowestStorage = 10e6;  // bytes a second, a crowded network file system

bool IsSlow(RankPhase phase) {
  switch (phase) {
    case RankPhase::kStart:
    case RankPhase::kConnect:
    case RankPhase::kResume:
    case RankPhase::kRecord:
    case RankPhase::kSave:
    case RankPhase::kEnd:
      return true;
    default:
      return false;
  }
}

}  // namespace

RankSample SampleOf(const RankStatus& status, char state) {
  return {status.phase,  status.waiting, status.finished_step,    status.beats, status.polls,
          status.writes, status.written, status.checkpoint_bytes, state};
}

std::optional<Stall> StallWatch::Observe(const RankSample& sample, double seconds) {
  if (stall_seconds_ <= 0) return std::nullopt;
  if (first_) last_ = sample;
  first_ = false;
  Measure(sample, seconds);
  ObserveSteps(sample, seconds);
  last_ = sample;
  return Judge(sample);
}

void StallWatch::Measure(const RankSample& sample, double seconds) {
  const bool held = sample.state == 't';  // by a debugger: time does not pass
  const auto count = [&](bool goes_on, double* since) {
    if (held) return;
    *since = goes_on ? *since + seconds : 0;
  };
  count(sample.beats == last_.beats, &since_beat_);
  count(sample.beats == last_.beats && sample.polls == last_.polls, &since_poll_);
  count(sample.state == 'T', &stopped_);
  count(sample.writes && sample.written == last_.written, &writing_);
}

void StallWatch::ObserveSteps(const RankSample& sample, double seconds) {
  since_step_ += seconds;
  const Index steps = sample.finished_step - last_.finished_step;
  if (steps <= 0) return;
  steps_ += steps;
  durations_[measured_++ % durations_.size()] = since_step_ / static_cast<double>(steps);
  since_step_ = 0;
}

double StallWatch::StepLimit() const {
  if (steps_ < kFirstSteps) return kSlowFactor * stall_seconds_;
  std::array<double, 15> sorted = durations_;
  const auto end = sorted.begin() + static_cast<std::ptrdiff_t>(std::min(measured_, sorted.size()));
  const auto middle = sorted.begin() + (end - sorted.begin()) / 2;
  std::nth_element(sorted.begin(), middle, end);
  return std::max(stall_seconds_, kMedianSteps * *middle);
}

double StallWatch::SlowLimit(const RankSample& sample) const {
  return std::max(kSlowFactor * stall_seconds_, StepLimit()) +
         static_cast<double>(sample.checkpoint_bytes) / kSlowestStorage;
}

double StallWatch::WaitLimit(RankPhase phase) const {
  const double limit = kWaitFactor / kSlowFactor * SlowLimit(last_);
  return phase == RankPhase::kConnect ? std::max(limit, kConnectSeconds) : limit;
}

std::optional<Stall> StallWatch::Judge(const RankSample& sample) const {
  if (stopped_ > stall_seconds_) return Stall{StallKind::kStopped, stopped_};
  if (sample.state == 'T') return std::nullopt;  // no need of another reason
  if (writing_ > SlowLimit(sample)) return Stall{StallKind::kWriter, writing_};
  if (sample.waiting == Waiting::kNo) {
    const double limit = IsSlow(sample.phase) ? SlowLimit(sample) : StepLimit();
    if (since_beat_ > limit) return Stall{StallKind::kNoProgress, since_beat_};
    return std::nullopt;
  }
  if (sample.waiting == Waiting::kPolling && since_poll_ > StepLimit()) {
    return Stall{StallKind::kInsideMpi, since_poll_};
  }
  if (since_beat_ > WaitLimit(sample.phase)) return Stall{StallKind::kOthers, since_beat_};
  return std::nullopt;
}

}  // namespace lockstep
