// Tells an exploding gradient from an ordinary one by the steps before it (Pascanu et al. 2013).
// Only messages depend on it, so it is no part of a checkpoint: a resumed run judges again after
// the first 20 steps.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/types.h"

namespace lockstep {

struct WatchedStep {
  Index step = 0;
  double loss = 0;  // a target
  double norm = 0;  // of the gradient, before clipping
  bool clipped = false;
};

struct Explosion {
  WatchedStep at;
  Index window = 0;        // steps that it is compared with
  double median_loss = 0;  // of them
  double median_norm = 0;

  // "exploding gradient: norm 3.2e+06 at step 812 is ... times the median of the last 100 steps".
  std::string Describe() const;
  // A bound for clip.max_norm that leaves most of the steps before alone, rounded to one digit.
  double SuggestedNorm() const;
};

class ExplosionWatch {
 public:
  // An explosion that begins with this step, which was not skipped. A norm counts when clipping did
  // not bound it: beyond 100 medians and 10 times the largest of the last 100 steps. A loss counts
  // beyond 10 medians, 3 times the largest, and 2 nats a target. Tells an event once: the next one
  // only after 20 quiet steps.
  std::optional<Explosion> Observe(const WatchedStep& step);

  // The last one, if it was at most 100 steps before `step`.
  std::optional<Explosion> Recent(Index step) const;

 private:
  bool Explodes(const WatchedStep& step) const;
  void Remember(const WatchedStep& step);

  std::vector<double> losses_, norms_;  // of the last steps, in a ring
  std::size_t next_ = 0;
  Index loud_steps_ = 0;  // that must still be quiet before another event
  std::optional<Explosion> last_;
};

}  // namespace lockstep
