// Finds ranks that compute more slowly than the others, for example because of a throttled
// processor, another program on the host, or a failing memory module. All ranks wait for the
// slowest one, so a single straggler slows down the whole job.
//
// The computing time of each rank, divided by its number of slots, is added up over a window of 50
// steps, or more steps if 50 take the typical rank less than a second. It is then compared with the
// median of the other ranks. A rank is a straggler if it is slow in two windows in a row, so that
// one hiccup does not count. Uses neither a clock nor MPI.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/types.h"
#include "worker/rank_note.h"

namespace lockstep {

struct StragglerFinding {
  int rank = 0;
  double factor = 1;    // its time divided by the median time of the others
  bool is_slow = true;  // false: the rank was slow before and has recovered
};

class StragglerWatch {
 public:
  static constexpr Index kWindowSteps = 50;
  static constexpr double kWindowSeconds = 1;
  static constexpr double kSlowFactor = 1.3;
  // A rank that stays slow is reported again after this time.
  static constexpr double kSecondsBetweenReports = 600;

  // shares[r] is the number of slots of a batch that rank r computes.
  explicit StragglerWatch(std::span<const double> shares);

  // Takes the notes of a step that ended at time `now`, in seconds. Returns the findings that
  // should be reported, mostly none; valid until the next call. Allocates nothing.
  std::span<const StragglerFinding> Observe(std::span<const RankNote> notes, double now);

 private:
  struct Rank {
    double share = 1;
    double busy_seconds = 0;  // per slot, in this window
    bool was_slow = false;    // in the previous window
    bool is_slow = false;     // reported as slow, and not recovered since
    double told_at = 0;       // time of the last report
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
