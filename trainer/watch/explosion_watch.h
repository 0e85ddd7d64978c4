// Tells an exploding gradient from an ordinary one by the steps before it (Pascanu et al. 2013).
// Only messages depend on it, so it is no part of a checkpoint: a resumed run begins again with
// what it knows of any model, the loss of one that is untrained.
#pragma once

#include <array>
#include <limits>
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
  Index window = 0;           // ordinary steps before it
  double median_norm = 0;     // of them
  double calm_loss = 0;       // the lowest before, as a median of five steps
  double peak_norm = 0;       // of this step and the four before
  bool was_the_last = false;  // no later step had a number for its loss and gradient

  // "exploding gradient: loss 0.9 -> 480 at step 812, norm up to 3.2e+06, a median of 0.3 in the
  // 100 steps before".
  std::string Describe() const;
  // A bound for clip.max_norm that leaves most of the steps before alone, rounded to one digit.
  double SuggestedNorm() const;
};

class ExplosionWatch {
 public:
  // `untrained_loss`, a target: of a model that knows nothing, the logarithm of the number of
  // classes.
  explicit ExplosionWatch(double untrained_loss) : untrained_loss_(untrained_loss) {}

  // An explosion that begins with this step, which was not skipped. Training that has learned
  // something loses it, and becomes worse than knowing nothing; with B, the larger of the untrained
  // loss and the lowest median of five losses so far,
  //   the loss is beyond 30 B, or the median of five beyond 3 B (as divergence in a slow climb);
  //   or beyond 2 B at most four steps after a norm that clipping did not bound and that is beyond
  //   100 medians and 10 times the largest of the last 100 steps.
  // A norm alone is none: near the end of training norms are small, and the next hard sample's is
  // not. Tells an event once: the next one only after 20 quiet steps.
  std::optional<Explosion> Observe(const WatchedStep& step);

  // What explains that steps after `step` have no finite gradient: the last event, if it lasted
  // until at most 100 steps before.
  std::optional<Explosion> Recent(Index step) const;
  // Whether a loss, a target, is one that no sample of its own explains.
  bool IsFarAbove(double loss) const { return loss > 30 * Bound(); }
  // The last step that was observed, when everything was lost right after it; none if it was
  // clipped.
  std::optional<Explosion> AtOnce() const;

 private:
  static constexpr std::size_t kRecent = 5;

  double Bound() const;
  double MedianLoss() const;
  void Trail(const WatchedStep& step);
  bool Spikes(const WatchedStep& step) const;
  bool Explodes(const WatchedStep& step) const;
  void Remember(const WatchedStep& step);
  Explosion Describing(const WatchedStep& step) const;

  double untrained_loss_;
  std::array<WatchedStep, kRecent> recent_ = {};  // the last steps, in a ring
  std::size_t seen_ = 0;
  double calm_loss_ = std::numeric_limits<double>::infinity();
  std::vector<double> norms_;  // of the last ordinary steps, in a ring
  std::size_t next_ = 0;
  Index loud_steps_ = 0;     // that must still be quiet before another event
  Index since_spike_ = 100;  // steps
  Index last_loud_ = 0;      // step
  std::optional<Explosion> last_;
};

}  // namespace lockstep
