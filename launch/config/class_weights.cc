#include "launch/config/class_weights.h"

#include <cmath>

#include "base/error.h"
#include "base/text.h"

namespace lockstep {
namespace {

double WeightFromText(const std::string& part, const std::string& text) {
  double weight = 0;
  if (ReadNumber(part, &weight) && std::isfinite(weight) && weight > 0) return weight;
  throw UsageError(
      "model.class_weights is \"{}\"; allowed are none, balanced, or a number above 0 for each "
      "class, "
      "with commas between",
      text);
}

// Scales weights so that their mean over all targets is 1.
void Normalise(const std::vector<Index>& counts, std::vector<double>* weights) {
  double targets = 0, sum = 0;
  for (std::size_t c = 0; c < counts.size(); ++c) {
    targets += static_cast<double>(counts[c]);
    sum += static_cast<double>(counts[c]) * (*weights)[c];
  }
  for (double& weight : *weights) weight *= sum > 0 ? targets / sum : 1;
}

}  // namespace

ClassWeights ClassWeightsFromText(const std::string& text) {
  if (text == "none") return {};
  if (text == "balanced") return {true, {}};
  ClassWeights given;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    given.weights.push_back(WeightFromText(text.substr(begin, end - begin), text));
    begin = end + 1;
  }
  return given;
}

std::vector<double> ResolveClassWeights(const ClassWeights& given,
                                        const std::vector<std::string>& classes,
                                        const std::vector<Index>& counts) {
  if (given.none()) return {};
  std::vector<double> weights = given.weights;
  if (given.balanced) {
    for (const Index count : counts)
      weights.push_back(count > 0 ? 1 / static_cast<double>(count) : 0);
  }
  if (weights.size() != classes.size()) {
    throw UsageError("model.class_weights has {} numbers, the corpus has {} classes: {}",
                     weights.size(), classes.size(), fmt::join(classes, ", "));
  }
  Normalise(counts, &weights);
  for (double& weight : weights) weight = weight > 0 ? weight : 1;
  return weights;
}

}  // namespace lockstep
