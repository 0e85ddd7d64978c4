// Learning-rate schedules: pure functions of the step, so that a resume needs no state; plateau
// alone remembers validations.
#pragma once

#include <string>

#include "base/types.h"

namespace lockstep {

enum class ScheduleKind { kConstant, kInverseSqrt, kCosine, kStep, kPlateau };
std::string ScheduleName(ScheduleKind kind);
ScheduleKind ScheduleFromName(const std::string& name);

struct ScheduleOptions {
  ScheduleKind kind = ScheduleKind::kConstant;
  double learning_rate = 1e-3;  // the peak, after warm-up
  Index warmup_steps = 0;       // rate rises linearly from learning_rate / warmup_steps
  Index decay_steps =
      0;  // cosine: steps from warm-up's end to the lowest rate; step: length of a stair
  double factor = 0.5;  // step and plateau: what the rate is multiplied with, (0, 1)
  double lowest = 0;    // no rate below this after warm-up
  Index patience = 2;   // plateau: validations without a better loss before the rate drops
};

// What plateau remembers.
struct PlateauState {
  double best_loss = 0;
  bool has_best = false;
  Index worse = 0;  // validations since the best
  Index drops = 0;  // times the rate was lowered
};
// Called after each validation; a loss is better when it is lower by more than 1e-4 of the best.
void ObserveValidation(const ScheduleOptions& options, double loss, PlateauState* state);

// Rate of step 0, 1, ...
//   warm-up       r (step + 1) / warmup
//   inverse sqrt  r sqrt(warmup / (step + 1)), warmup at least 1 (Vaswani et al. 2017)
//   cosine        lowest + (r - lowest) (1 + cos(pi x)) / 2, x = share of decay_steps done
//   (Loshchilov & Hutter 2017) step          r factor^(steps after warm-up / decay_steps, rounded
//   down) plateau       r factor^drops
double LearningRate(const ScheduleOptions& options, const PlateauState& plateau, Index step);

}  // namespace lockstep
