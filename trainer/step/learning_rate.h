// Learning-rate schedules. They are pure functions of the step, so that a resumed run needs no
// state; only kPlateau also depends on the validations so far.
#pragma once

#include <string>

#include "base/types.h"

namespace lockstep {

enum class ScheduleKind { kConstant, kInverseSqrt, kCosine, kStep, kPlateau };
std::string ScheduleName(ScheduleKind kind);
ScheduleKind ScheduleFromName(const std::string& name);

// The figure of validations that kPlateau watches.
enum class PlateauBy {
  kLoss,
  kMetric  // that of validation.metric (ValidationOptions::metric)
};
std::string PlateauByName(PlateauBy by);
PlateauBy PlateauByFromName(const std::string& name);

struct ScheduleOptions {
  ScheduleKind kind = ScheduleKind::kConstant;
  double learning_rate = 1e-3;  // the highest rate, reached after warm-up
  Index warmup_steps = 0;    // in these steps it rises linearly from learning_rate / warmup_steps
  Index constant_steps = 0;  // kCosine, kStep: steps of the highest rate after warm-up
  // kCosine: steps from there to the lowest rate. kStep: steps from there to the first drop, and
  // between two drops.
  Index decay_steps = 0;
  double factor = 0.5;  // kStep, kPlateau: the rate is multiplied by this at each drop, (0, 1)
  double lowest = 0;    // after warm-up, the rate is never below this
  Index patience = 2;   // kPlateau: the rate drops at the next validation after this many that were
                        // no better than the best
  PlateauBy plateau_by = PlateauBy::kLoss;
};

// The state of kPlateau.
struct PlateauState {
  double best_loss = 0;  // or the best of the other figure
  bool has_best = false;
  Index worse = 0;  // validations since the best
  Index drops = 0;  // times the rate was lowered
};
// Must be called after each validation, with its loss or another figure of which less is better. A
// figure is better if it is lower than the best one by more than 1e-4 of it.
void ObserveValidation(const ScheduleOptions& options, double figure, PlateauState* state);

// The rate of step 0, 1, ..., where r is options.learning_rate:
//   warm-up       r (step + 1) / warmup
//   inverse sqrt  r sqrt(warmup / (step + 1)), warmup at least 1 (Vaswani et al. 2017)
//   cosine        lowest + (r - lowest) (1 + cos(pi x)) / 2, where x is the share of decay_steps
//                 that is done after the constant steps (Loshchilov & Hutter 2017)
//   step          r factor^(steps after warm-up and constant steps / decay_steps, rounded down);
//                 Zaremba et al. 2014 (arXiv:1409.2329) train so, with SGD
//   plateau       r factor^drops
double LearningRate(const ScheduleOptions& options, const PlateauState& plateau, Index step);

}  // namespace lockstep
