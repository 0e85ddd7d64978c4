// Finds ranks that compute slower than the others: a throttled processor, a neighbour on the host,
// a failing memory module. All ranks wait for the slowest, so one costs what all are slowed by.
//
// Busy seconds of a rank, divided by its slots, are added up over a window of 50 steps, longer
// where 50 steps take the typical rank less than a second, and compared with the median of the
// other ranks. Two windows in a row decide, so that one hiccup is no straggler. No clock and no MPI
// here.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/types.h"
#include "worker/rank_note.h"

namespace lockstep {

struct StragglerFinding {
  int rank = 0;
  double factor = 1;    // of the others' median time
  bool is_slow = true;  // false: no longer
};

class StragglerWatch {
 public:
  static constexpr Index kWindowSteps = 50;
  static constexpr double kWindowSeconds = 1;
  static constexpr double kSlowFactor = 1.3;
  static constexpr double kSecondsBetweenReports = 600;  // of the same rank, while it stays slow

  // `shares`: what each rank computes of a batch, in slots.
  explicit StragglerWatch(std::vector<double> shares);

  // Takes the notes of a step that ended at `now` seconds. What is worth telling, mostly nothing;
  // valid until the next call. Allocates nothing.
  std::span<const StragglerFinding> Observe(std::span<const RankNote> notes, double now);

 private:
  struct Rank {
    double share = 1;
    double busy_seconds = 0;  // per slot, in this window
    bool was_slow = false;    // in the window before
    bool is_slow = false;
    double told_at = 0;
  };
  void EndWindow(double now);
  double MedianOfOthers(const Rank& rank) const;
  void Judge(std::size_t which, double now);

  std::vector<Rank> ranks_;
  std::vector<double> sorted_;
  std::vector<StragglerFinding> findings_;
  Index steps_ = 0;
};

// "rank 3 (host n7) takes 1.62 times as long as the others: ..."
std::string Describe(const StragglerFinding& finding, const std::string& host);

}  // namespace lockstep
