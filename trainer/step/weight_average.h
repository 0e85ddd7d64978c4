// A running average of the parameters, kept beside them. It often generalises better than the
// parameters of any step, and lets the learning rate stay high. Training itself does not read it.
//
// After each update a = a + share (w - a), where w are the new parameters, elementwise; the
// optimiser does that to those elements that it updates (optimizer.h), so that the average has the
// same bits for any number of ranks and threads. Skipped steps do not count.
#pragma once

#include <string>
#include <vector>

#include "base/types.h"

namespace lockstep {

enum class AverageKind {
  kOff,
  // Exponential moving average: share = 1 - min(decay, (1 + u) / (10 + u)) at update u = 1, 2, ...,
  // so that the first steps are soon forgotten.
  kEma,
  // The mean of the parameters after each update from a given one on: Polyak averaging, ASGD
  // (Polyak & Juditsky 1992).
  kMean,
  // The same, begun when validations no longer get better (NT-ASGD, Merity et al. 2018,
  // arXiv:1708.02182, algorithm 1).
  kMeanOnPlateau
};
std::string AverageName(AverageKind kind);
AverageKind AverageFromName(const std::string& name);

struct AverageOptions {
  AverageKind kind = AverageKind::kOff;
  double decay = 0.999;  // kEma, [0, 1)
  Index from = 0;        // kMean: updates before the first whose parameters count
  // kMeanOnPlateau: the mean begins when a validation is worse than the best of those that are more
  // than this many validations before it.
  Index patience = 5;
};

// The state of kMeanOnPlateau.
struct AverageState {
  Index from = -1;  // updates before the mean began; -1: it has not begun
  // Until it begins: the figures of the last `patience` validations, after the best of all before.
  std::vector<double> figures = {};
};

// The share of the new parameters at this update, counted from 1; 1: the average is the parameters.
double AverageShare(const AverageOptions& options, const AverageState& state, Index update);

// Must be called after each validation, with what it has least of, and with the number of updates
// so far. Does nothing for other kinds, and once the mean has begun.
void ObserveForAverage(const AverageOptions& options, double figure, Index updates,
                       AverageState* state);

}  // namespace lockstep
