#include "launch/supervise/stall_watch.h"

#include <algorithm>
#include <utility>

namespace lockstep {
namespace {

// A job must have ended within ten median steps; of these, ending it takes kJobEndSeconds.
constexpr double kMedianSteps = 10, kJobEndSeconds = 4;
constexpr double kSlowFactor = 10;  // storage can be very slow for a few minutes
constexpr double kWaitFactor = 15;
constexpr double kConnectSeconds = 300;
constexpr double kSlowestStorage = 10e6;  // bytes per second, a crowded network file system
// Computing for this share of the time in which it had a core counts as all the time. A rank that
// waits in a call of MPI that sleeps uses less.
constexpr double kAllTheTime = 0.9;
// A call of MPI may wait for a lock that a stopped rank of the same host holds. That rank must be
// named first; its supervisor ends the job before this time is over.
constexpr double kPeerFirstSeconds = 0.5;

}  // namespace

RankSample SampleOf(const RankStatus& status, char state) {
  return {status.phase,
          status.waiting,
          status.finished_step,
          status.beats,
          status.polls,
          status.writer,
          status.written,
          status.checkpoint_bytes,
          state,
          {},
          {}};
}

std::optional<Stall> StallWatch::Observe(const RankSample& sample, double seconds) {
  if (first_) last_ = sample;
  first_ = false;
  Measure(sample, seconds);
  ObserveSteps(sample, seconds);
  last_ = sample;
  if (stall_seconds_ <= 0) return std::nullopt;
  return Judge(sample);
}

// True if there may be another reason than a fault for the silence.
bool StallWatch::Explained(const RankSample& sample) const {
  const ProcessActivity &now = sample.activity, &before = last_.activity;
  if (!now.known || !before.known) return false;
  return now.storage || now.io != before.io || now.faults != before.faults;
}

// The part of the time that counts: without that in which the main thread could run but had no
// core. The system tells of a time with or without a core when it ends, which may be seconds later:
// until then, no time counts.
double StallWatch::Counted(const RankSample& sample, double seconds) {
  const ProcessActivity &now = sample.activity, &before = last_.activity;
  if (!now.known || !before.known) return seconds;
  const double time = std::exchange(untold_, 0.0) + seconds, queued = now.queued - before.queued;
  const bool is_told = now.computed == 0 || now.computed != before.computed || queued != 0;
  if (sample.state != 'R' || is_told) return time - queued;
  untold_ = time;
  return 0;
}

// A writer that could run does not rest, though the system may not have told yet that it had no
// core; one that computes without an end is found by the slow limit.
bool StallWatch::WriterRests(const RankSample& sample) const {
  const ThreadActivity &now = sample.writing, &before = last_.writing;
  return sample.writer != 0 && sample.written == last_.written && !now.runs && !now.storage &&
         now.io == before.io && now.computed == before.computed && now.queued == before.queued;
}

bool StallWatch::ComputesThrough(const RankSample& sample, double counted) const {
  if (sample.waiting != Waiting::kInside || sample.beats != last_.beats) return false;
  if (!sample.activity.known || !last_.activity.known) return false;
  const double computed = sample.activity.computed - last_.activity.computed;
  return !Explained(sample) && computed >= kAllTheTime * counted;
}

void StallWatch::Measure(const RankSample& sample, double seconds) {
  const bool held = sample.state == 't';  // held by a debugger: no time counts
  const bool silent = sample.beats == last_.beats;
  if (!silent) untold_ = 0;
  const double counted = Counted(sample, seconds);
  const auto count = [&](bool goes_on, double time, double* since) {
    if (held) return;
    *since = goes_on ? std::max(0.0, *since + time) : 0;
  };
  count(silent, seconds, &since_beat_);
  count(silent, counted, &silent_);
  count(silent && !Explained(sample), counted, &unexplained_);
  count(silent && sample.polls == last_.polls && !Explained(sample), counted, &since_poll_);
  count(ComputesThrough(sample, counted), counted, &computing_);
  count(sample.state == 'T', seconds, &stopped_);
  count(sample.writer != 0 && sample.written == last_.written, seconds, &writing_);
  count(WriterRests(sample), seconds, &resting_);
}

void StallWatch::ObserveSteps(const RankSample& sample, double seconds) {
  since_step_ += seconds;
  const Index steps = sample.finished_step - last_.finished_step;
  if (steps <= 0) return;
  durations_[measured_++ % durations_.size()] = since_step_ / static_cast<double>(steps);
  since_step_ = 0;
}

double StallWatch::StepLimit() const {
  if (measured_ == 0) return stall_seconds_;
  std::array<double, 15> sorted = durations_;
  const auto end = sorted.begin() + static_cast<std::ptrdiff_t>(std::min(measured_, sorted.size()));
  const auto middle = sorted.begin() + (end - sorted.begin()) / 2;
  std::nth_element(sorted.begin(), middle, end);
  return std::max(stall_seconds_, kMedianSteps * *middle - kJobEndSeconds);
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
  if (sample.state == 'T') return std::nullopt;  // being stopped explains everything else
  const double slow = SlowLimit(sample), step = StepLimit();
  if (writing_ > slow) return Stall{StallKind::kWriter, writing_};
  if (resting_ > step) return Stall{StallKind::kWriter, resting_};
  if (sample.waiting == Waiting::kNo) {
    if (unexplained_ <= step && silent_ <= slow) return std::nullopt;
    return Stall{StallKind::kNoProgress, since_beat_};
  }
  if (sample.waiting == Waiting::kPolling && since_poll_ > step + kPeerFirstSeconds) {
    return Stall{StallKind::kInsideMpi, since_poll_};
  }
  if (computing_ > step + kPeerFirstSeconds) return Stall{StallKind::kInsideMpi, computing_};
  if (since_beat_ > WaitLimit(sample.phase)) return Stall{StallKind::kOthers, since_beat_};
  return std::nullopt;
}

}  // namespace lockstep
