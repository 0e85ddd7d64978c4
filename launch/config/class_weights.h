// model.class_weights: how often a target of each class counts in the loss.
#pragma once

#include <string>
#include <vector>

#include "base/types.h"

namespace lockstep {

// What the text says: "none", "balanced", or a positive number for each class with commas between.
struct ClassWeights {
  bool balanced = false;
  std::vector<double> weights;  // empty: none, or balanced
  bool none() const { return !balanced && weights.empty(); }
};
// UsageError naming what is allowed.
ClassWeights ClassWeightsFromText(const std::string& text);

// One weight per class, from the number of training targets of each; empty where all count once.
// Weights are scaled so that their mean over the training targets is 1: the loss stays a mean, and
// the learning rate fits as before. A class without a target has weight 1. UsageError where there
// are not as many numbers as classes.
std::vector<double> ResolveClassWeights(const ClassWeights& given,
                                        const std::vector<std::string>& classes,
                                        const std::vector<Index>& counts);

}  // namespace lockstep
