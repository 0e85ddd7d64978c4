#include "trainer/step/weight_average.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.h"

namespace lockstep {
namespace {

constexpr std::array<const char*, 4> kNames = {"off", "ema", "mean", "mean_on_plateau"};

// The share of the newest parameters in the mean of all after update number `from`.
double ShareOfMean(Index from, Index update) {
  return update <= from ? 1 : 1 / static_cast<double>(update - from);
}

}  // namespace

std::string AverageName(AverageKind kind) { return kNames[static_cast<std::size_t>(kind)]; }

AverageKind AverageFromName(const std::string& name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (name == kNames[i]) return static_cast<AverageKind>(i);
  }
  throw UsageError(
      "train.average_weights is \"{}\"; allowed are off, ema, mean and mean_on_plateau", name);
}

double AverageShare(const AverageOptions& options, const AverageState& state, Index update) {
  switch (options.kind) {
    case AverageKind::kOff:
      return 0;
    case AverageKind::kEma: {
      if (update <= 1) return 1;
      const double u = static_cast<double>(update);
      return 1 - std::min(options.decay, (1 + u) / (10 + u));
    }
    case AverageKind::kMean:
      return ShareOfMean(options.from, update);
    case AverageKind::kMeanOnPlateau:
      return state.from < 0 ? 1 : ShareOfMean(state.from, update);
  }
  LOCKSTEP_CHECK(false);
}

void ObserveForAverage(const AverageOptions& options, double figure, Index updates,
                       AverageState* state) {
  if (options.kind != AverageKind::kMeanOnPlateau || state->from >= 0) return;
  std::vector<double>& figures = state->figures;
  const bool enough = static_cast<Index>(figures.size()) > options.patience;
  if (enough && !(figure <= figures[0])) {
    *state = {updates, {}};
    return;
  }
  // A figure that is not finite is no better than any, and could not be stored.
  if (!std::isfinite(figure)) return;
  figures.push_back(figure);
  if (static_cast<Index>(figures.size()) <= options.patience + 1) return;
  figures[1] = std::min(figures[0], figures[1]);
  figures.erase(figures.begin());
}

}  // namespace lockstep
