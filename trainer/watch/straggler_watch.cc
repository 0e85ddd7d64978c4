#include "trainer/watch/straggler_watch.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"

namespace lockstep {

StragglerWatch::StragglerWatch(std::span<const double> shares) {
  ranks_.reserve(shares.size());
  for (const double share : shares) ranks_.push_back({.share = share});
  sorted_.resize(ranks_.size());
  findings_.reserve(ranks_.size());
}

std::span<const StragglerFinding> StragglerWatch::Observe(std::span<const RankNote> notes,
                                                          double now) {
  LOCKSTEP_CHECK_EQ(notes.size(), ranks_.size());
  findings_.clear();
  if (ranks_.size() < 2) return findings_;
  for (std::size_t r = 0; r < ranks_.size(); ++r) {
    ranks_[r].busy_seconds += notes[r].busy_seconds / ranks_[r].share;
  }
  if (++steps_ >= kWindowSteps) EndWindow(now);
  return findings_;
}

// Ends a window if it is long enough: disturbances by the system last milliseconds, and a window
// must be much longer.
void StragglerWatch::EndWindow(double now) {
  for (std::size_t r = 0; r < ranks_.size(); ++r) sorted_[r] = ranks_[r].busy_seconds;
  std::sort(sorted_.begin(), sorted_.end());
  double typical_share = 0;
  for (const Rank& rank : ranks_) typical_share += rank.share / static_cast<double>(ranks_.size());
  if (sorted_[(sorted_.size() - 1) / 2] * typical_share < kWindowSeconds) return;
  for (std::size_t r = 0; r < ranks_.size(); ++r) Judge(r, now);
  for (Rank& rank : ranks_) rank.busy_seconds = 0;
  steps_ = 0;
}

// The median of the sorted times without the rank's own; the higher one of two in the middle.
double StragglerWatch::MedianOfOthers(const Rank& rank) const {
  const std::size_t middle = (sorted_.size() - 1) / 2;
  return rank.busy_seconds <= sorted_[middle] ? sorted_[middle + 1] : sorted_[middle];
}

void StragglerWatch::Judge(std::size_t which, double now) {
  Rank& rank = ranks_[which];
  const double factor = rank.busy_seconds / MedianOfOthers(rank);
  const bool slow = factor > kSlowFactor;
  const bool agrees = slow == rank.was_slow;
  rank.was_slow = slow;
  if (!agrees) return;
  const bool changed = slow != rank.is_slow;
  rank.is_slow = slow;
  if (!changed && !(slow && now - rank.told_at >= kSecondsBetweenReports)) return;
  rank.told_at = now;
  findings_.push_back({static_cast<int>(which), factor, slow});
}

std::string Describe(const StragglerFinding& finding, const std::string& host) {
  const std::string who = fmt::format("rank {} (host {})", finding.rank, host);
  if (!finding.is_slow) return fmt::format("{} is as fast as the others again", who);
  return fmt::format(
      "{} takes {:.2f} times as long as the others to compute the same, and all wait for it: look "
      "for other work on the host, a throttled processor, or ranks that share a core",
      who, finding.factor);
}

}  // namespace lockstep
