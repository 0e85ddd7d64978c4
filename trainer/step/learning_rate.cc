#include "trainer/step/learning_rate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "base/error.h"

namespace lockstep {
namespace {

constexpr std::array<const char*, 5> kNames = {"constant", "inverse_sqrt", "cosine", "step",
                                               "plateau"};

double AfterWarmup(const ScheduleOptions& o, const PlateauState& plateau, Index step) {
  const double done =
      static_cast<double>(std::max<Index>(0, step - o.warmup_steps - o.constant_steps));
  switch (o.kind) {
    case ScheduleKind::kConstant:
      return o.learning_rate;
    case ScheduleKind::kInverseSqrt: {
      const double warmup = static_cast<double>(std::max<Index>(1, o.warmup_steps));
      return o.learning_rate * std::sqrt(warmup / (static_cast<double>(step) + 1));
    }
    case ScheduleKind::kCosine: {
      const double share = std::min(1.0, done / static_cast<double>(o.decay_steps));
      return o.lowest + (o.learning_rate - o.lowest) * (1 + std::cos(std::numbers::pi * share)) / 2;
    }
    case ScheduleKind::kStep:
      return o.learning_rate *
             std::pow(o.factor, std::floor(done / static_cast<double>(o.decay_steps)));
    case ScheduleKind::kPlateau:
      return o.learning_rate * std::pow(o.factor, static_cast<double>(plateau.drops));
  }
  LOCKSTEP_CHECK(false);
}

}  // namespace

std::string ScheduleName(ScheduleKind kind) { return kNames[static_cast<std::size_t>(kind)]; }

ScheduleKind ScheduleFromName(const std::string& name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (name == kNames[i]) return static_cast<ScheduleKind>(i);
  }
  throw UsageError(
      "schedule.name is \"{}\"; allowed are constant, inverse_sqrt, cosine, step and plateau",
      name);
}

std::string PlateauByName(PlateauBy by) { return by == PlateauBy::kLoss ? "loss" : "metric"; }

PlateauBy PlateauByFromName(const std::string& name) {
  if (name == "loss") return PlateauBy::kLoss;
  if (name == "metric") return PlateauBy::kMetric;
  throw UsageError("schedule.plateau_by is \"{}\"; allowed are loss and metric", name);
}

void ObserveValidation(const ScheduleOptions& options, double figure, PlateauState* state) {
  constexpr double kBetterBy = 1e-4;
  const bool better = !state->has_best || figure < state->best_loss * (1 - kBetterBy);
  if (std::isfinite(figure) && better) {
    *state = {figure, true, 0, state->drops};
    return;
  }
  if (++state->worse <= options.patience) return;
  state->worse = 0;
  if (AfterWarmup(options, *state, 0) > options.lowest) ++state->drops;
}

double LearningRate(const ScheduleOptions& options, const PlateauState& plateau, Index step) {
  if (step < options.warmup_steps) {
    return options.learning_rate * static_cast<double>(step + 1) /
           static_cast<double>(options.warmup_steps);
  }
  return std::max(options.lowest, AfterWarmup(options, plateau, step));
}

}  // namespace lockstep
