// Detects an exploding gradient by comparing a step with the steps before it (Pascanu et al. 2013).
// Only messages depend on it, so it is not part of a checkpoint: in a resumed run it begins again,
// knowing only the loss of an untrained model.
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
  double loss = 0;  // per target
  double norm = 0;  // norm of the gradient before clipping
  bool clipped = false;
};

struct Explosion {
  WatchedStep at;
  Index window = 0;           // number of ordinary steps before it that are remembered
  double median_norm = 0;     // the median of their norms
  double calm_loss = 0;       // the lowest loss before it, as a median of five steps
  double peak_norm = 0;       // the largest norm of this step and the four before it
  bool was_the_last = false;  // no later step had a finite loss and gradient

  // "exploding gradient: loss 0.9 -> 480 at step 812, gradient norm grew from 0.3 (median of the
  // 100 steps before) to 3.2e+06".
  std::string Describe() const;
  // A value for clip.max_norm that would not have clipped most of the steps before, rounded to one
  // digit.
  double SuggestedNorm() const;
};

class ExplosionWatch {
 public:
  // `untrained_loss` is the loss per target of an untrained model (Model::UntrainedLoss).
  explicit ExplosionWatch(double untrained_loss) : untrained_loss_(untrained_loss) {}

  // Takes the next step, which must not be a skipped one. Returns an explosion if one begins with
  // it: the model becomes clearly worse than an untrained one. Let B be the larger of the untrained
  // loss and the lowest median of five losses so far. It is an explosion if
  //   the loss exceeds 30 B; or
  //   the median of the last five losses exceeds 3 B (slow divergence); or
  //   the loss exceeds 2 B, and at most four steps ago there was a norm that was not clipped and
  //   exceeded 100 times the median and 10 times the maximum of the last 100 norms.
  // A large norm alone is not enough: near the end of training norms are small, and a hard sample
  // gives a large one. Each event is returned once; a new one is possible after 20 quiet steps.
  std::optional<Explosion> Observe(const WatchedStep& step);

  // The event that may explain why the steps after `step` have no finite gradient: the last one, if
  // it lasted until at most 100 steps before `step`.
  std::optional<Explosion> Recent(Index step) const;
  // True if the loss per target is so large that a single bad sample cannot explain it.
  bool IsFarAbove(double loss) const { return loss > 30 * Bound(); }
  // Describes the last observed step as an explosion, for the case that no later step is finite.
  // Nothing if that step was clipped.
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
  std::vector<double> norms_;  // norms of the last ordinary steps, in a ring
  std::size_t next_ = 0;       // index in norms_ of the oldest
  Index loud_steps_ = 0;       // quiet steps that must still come before another event
  Index since_spike_ = 100;    // steps since the last spike of the norm
  Index last_loud_ = 0;        // the last step that met the conditions of an explosion
  std::optional<Explosion> last_;
};

}  // namespace lockstep
