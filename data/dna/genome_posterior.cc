#include "data/dna/genome_posterior.h"

#include <algorithm>

#include "base/error.h"

namespace lockstep {
namespace {

// Only every 4096th forward variable is kept, and the others are computed again. For 2 million
// bases this takes 7 MB instead of 110 MB.
constexpr std::size_t kBlock = 4096;

void Normalise(StateVector& values) {
  double sum = 0;
  for (double value : values) sum += value;
  for (double& value : values) value /= sum;
}

StateVector Product(const StateVector& a, const StateVector& b) {
  StateVector product;
  for (int s = 0; s < kGenomeStates; ++s) product[s] = a[s] * b[s];
  return product;
}

ClassProbabilities ClassesOf(const StateVector& forward, const StateVector& backward) {
  StateVector posterior = Product(forward, backward);
  Normalise(posterior);
  ClassProbabilities classes{};
  for (int s = 0; s < kGenomeStates; ++s) classes[GenomeModel::ClassOf(s)] += posterior[s];
  return classes;
}

}  // namespace

const StateVector& GenomePosterior::EmissionAt(std::span<const std::uint8_t> codes,
                                               std::size_t t) const {
  const int before_last = t >= 2 ? codes[t - 2] : GenomeModel::kUnknownBase;
  const int last = t >= 1 ? codes[t - 1] : GenomeModel::kUnknownBase;
  return model_.Emission(before_last, last, codes[t]);
}

// forward(t, s) is proportional to P(codes 0..t, state s at t).
StateVector GenomePosterior::ForwardStep(std::span<const std::uint8_t> codes, std::size_t t,
                                         const StateVector& before) const {
  const StateVector prior = t == 0 ? model_.Stationary() : model_.Forward(before);
  StateVector forward = Product(prior, EmissionAt(codes, t));
  Normalise(forward);
  return forward;
}

// Calls visit(t, probabilities) for t = last .. 0. backward(t, s) is proportional to
// P(codes t+1.. | state s at t, codes before).
template <typename Visit>
void GenomePosterior::ForEachFromTheEnd(std::span<const std::uint8_t> codes, Visit visit) {
  checkpoints_.clear();
  StateVector forward{};
  for (std::size_t t = 0; t < codes.size(); ++t) {
    if (t % kBlock == 0) checkpoints_.push_back(forward);
    forward = ForwardStep(codes, t, forward);
  }
  StateVector backward;
  backward.fill(1.0 / kGenomeStates);
  for (std::size_t b = checkpoints_.size(); b-- > 0;) {
    const std::size_t begin = b * kBlock, end = std::min(begin + kBlock, codes.size());
    block_.assign(1, checkpoints_[b]);
    for (std::size_t t = begin; t < end; ++t) {
      block_.push_back(ForwardStep(codes, t, block_.back()));
    }
    for (std::size_t t = end; t-- > begin;) {
      visit(t, ClassesOf(block_[t - begin + 1], backward));
      backward = model_.Backward(Product(backward, EmissionAt(codes, t)));
      Normalise(backward);
    }
  }
}

void GenomePosterior::Decode(std::span<const std::uint8_t> codes, std::span<std::uint8_t> classes) {
  LOCKSTEP_CHECK_EQ(codes.size(), classes.size());
  ForEachFromTheEnd(codes, [classes](std::size_t t, const ClassProbabilities& p) {
    classes[t] = static_cast<std::uint8_t>(std::max_element(p.begin(), p.end()) - p.begin());
  });
}

std::vector<ClassProbabilities> GenomePosterior::Probabilities(
    std::span<const std::uint8_t> codes) {
  std::vector<ClassProbabilities> probabilities(codes.size());
  ForEachFromTheEnd(codes, [&probabilities](std::size_t t, const ClassProbabilities& p) {
    probabilities[t] = p;
  });
  return probabilities;
}

}  // namespace lockstep
