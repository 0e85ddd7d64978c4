#include "data/dna/genome_posterior.h"

#include <gtest/gtest.h>

#include <cmath>

#include "data/dna/dna_corpus.h"

namespace lockstep {
namespace {

constexpr int kUnknown = GenomeModel::kUnknownBase;

// P(path of states and codes), with transition probabilities taken from unit vectors.
double PathProbability(const GenomeModel& model, const std::vector<int>& path,
                       const std::vector<std::uint8_t>& codes) {
  double p = 1;
  for (std::size_t t = 0; t < path.size(); ++t) {
    const auto state = static_cast<std::size_t>(path[t]);
    StateVector before{};
    if (t > 0) before[static_cast<std::size_t>(path[t - 1])] = 1;
    p *= t == 0 ? model.Stationary()[state] : model.Forward(before)[state];
    p *= model.Emission(t > 1 ? codes[t - 2] : kUnknown, t > 0 ? codes[t - 1] : kUnknown,
                        codes[t])[state];
  }
  return p;
}

// Posteriors by summing over all 7^T paths.
std::vector<ClassProbabilities> BruteForce(const GenomeModel& model,
                                           const std::vector<std::uint8_t>& codes) {
  std::vector<ClassProbabilities> sums(codes.size(), ClassProbabilities{});
  std::vector<int> path(codes.size(), 0);
  double whole = 0;
  for (std::size_t digit = 0; digit < path.size();) {
    const double p = PathProbability(model, path, codes);
    whole += p;
    for (std::size_t t = 0; t < path.size(); ++t) sums[t][GenomeModel::ClassOf(path[t])] += p;
    for (digit = 0; digit < path.size() && ++path[digit] == kGenomeStates; ++digit) path[digit] = 0;
  }
  for (ClassProbabilities& classes : sums) {
    for (double& p : classes) p /= whole;
  }
  return sums;
}

TEST(GenomePosterior, EqualsTheSumOverAllPaths) {
  const GenomeModel model;
  GenomePosterior posterior(model);
  constexpr double kRounding = 1e-12;
  for (const std::vector<std::uint8_t>& codes :
       {std::vector<std::uint8_t>{2}, {2, 1}, {2, 0, 3}, {3, 0, 0, 2, 1, 3}, {0, 2, 2, 1, 1}}) {
    const auto expected = BruteForce(model, codes);
    const auto found = posterior.Probabilities(codes);
    for (std::size_t t = 0; t < codes.size(); ++t) {
      for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(found[t][c], expected[t][c], kRounding);
    }
  }
}

// Longer than the blocks that are computed again on the way back.
TEST(GenomePosterior, OfLongSequencesIsSmoothAcrossBlocks) {
  const GenomeModel model;
  GenomeGenerator generator(model, 3);
  std::vector<std::uint8_t> codes(20000), labels(20000), classes(20000);
  generator.Next(codes, labels);
  GenomePosterior posterior(model);
  const auto whole = posterior.Probabilities(codes);
  // Far from its ends a part knows what the whole knows.
  const auto part = posterior.Probabilities(std::span(codes).subspan(1000, 15000));
  for (std::size_t t = 3000; t < 12000; ++t) {
    for (std::size_t c = 0; c < 3; ++c) ASSERT_NEAR(part[t][c], whole[t + 1000][c], 1e-6) << t;
  }
  posterior.Decode(codes, classes);
  for (std::size_t t = 0; t < codes.size(); ++t) {
    for (std::size_t c = 0; c < 3; ++c) ASSERT_LE(whole[t][c], whole[t][classes[t]]);
  }
}

// The mean of the largest posterior is the accuracy to be expected; what is found must agree.
TEST(GenomePosterior, IsCalibrated) {
  constexpr std::size_t kBases = 1'000'000;
  const GenomeModel model;
  GenomeGenerator generator(model, 4);
  std::vector<std::uint8_t> codes(kBases), labels(kBases);
  generator.Next(codes, labels);
  double expected = 0, found = 0;
  const auto posterior = GenomePosterior(model).Probabilities(codes);
  for (std::size_t t = 0; t < kBases; ++t) {
    const auto best = std::max_element(posterior[t].begin(), posterior[t].end());
    expected += *best;
    found += best - posterior[t].begin() == labels[t];
  }
  EXPECT_NEAR(found / kBases, expected / kBases, 0.005);
}

}  // namespace
}  // namespace lockstep
