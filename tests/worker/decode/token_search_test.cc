#include "worker/decode/token_search.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "tests/worker/models/written_target.h"

namespace lockstep {
namespace {

constexpr std::int32_t kStart = 0, kEnd = 1;

// A model with large weights, so that what it writes depends on what it reads.
struct SearchHarness : WriterHarness<float> {
  SearchHarness(const std::vector<LengthPair>& lengths, std::uint64_t seed = 5,
                AttentionKind attention = AttentionKind::kDot)
      : WriterHarness<float>(Options(attention), lengths, seed) {
    for (float& value : values.span()) value *= 3;
  }
  static WriterOptions Options(AttentionKind attention) {
    WriterOptions options = SmallWriter();
    options.decoder.attention = attention;
    options.encoder.hidden_size = 3;
    return options;
  }
  std::unique_ptr<TokenStepper<float>> Open(Index rows) const {
    return model.OpenTokenStepper(values.data(), WriterBounds(slot), rows);
  }
  std::vector<std::vector<Hypothesis>> Find(const SearchOptions& options) const {
    const auto stepper = Open(slot.layout.sequences() * options.beam);
    TokenStepper<float>* const models[] = {stepper.get()};
    return SearchTokens(models, slot, kStart, kEnd, options);
  }
};

std::vector<double> LogSoftmax(std::span<const float> logits) {
  double sum = 0;
  for (const float logit : logits) sum += std::exp(static_cast<double>(logit));
  std::vector<double> found;
  for (const float logit : logits) found.push_back(logit - std::log(sum));
  return found;
}

// Log probability of a sequence that ends, step by step.
double LogProbability(TokenStepper<float>* stepper, const SlotBatch& source,
                      std::vector<std::int32_t> tokens) {
  stepper->Begin(source);
  tokens.push_back(kEnd);
  double sum = 0;
  std::int32_t read = kStart;
  for (const std::int32_t token : tokens) {
    const std::vector<Index> previous = {0};
    sum += LogSoftmax(
        stepper->Step(previous, std::vector<std::int32_t>{read}))[static_cast<std::size_t>(token)];
    read = token;
  }
  return sum;
}

// Calls use(tokens) for every sequence of up to `most` ids without the end.
void ForEverySequence(std::size_t most, std::vector<std::int32_t>* tokens,
                      const std::function<void(const std::vector<std::int32_t>&)>& use) {
  use(*tokens);
  if (tokens->size() == most) return;
  for (const std::int32_t token : {0, 2, 3}) {
    tokens->push_back(token);
    ForEverySequence(most, tokens, use);
    tokens->pop_back();
  }
}

TEST(SearchTokens, AWideBeamFindsTheBestOfAllSequences) {
  for (const double penalty : {0.0, 1.0}) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      const SearchHarness harness({{3, 1}}, seed);
      // The most ids of a hypothesis, the end included: 1 * 3 + 1.
      const SearchOptions options{
          .beam = 200, .n_best = 3, .length_penalty = penalty, .most_ratio = 1, .most_extra = 1};
      const auto found = harness.Find(options)[0];
      const auto stepper = harness.Open(1);
      std::vector<std::pair<double, std::vector<std::int32_t>>> all;
      std::vector<std::int32_t> tokens;
      ForEverySequence(3, &tokens, [&](const std::vector<std::int32_t>& sequence) {
        const double length = static_cast<double>(sequence.size()) + 1;
        all.emplace_back(LogProbability(stepper.get(), harness.slot, sequence) /
                             std::pow((5 + length) / 6, penalty),
                         sequence);
      });
      std::ranges::sort(all, std::greater());
      for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(found[i].tokens, all[i].second) << seed;
        EXPECT_NEAR(found[i].score, all[i].first, 1e-5);
        EXPECT_TRUE(found[i].ended);
      }
    }
  }
}

TEST(SearchTokens, ABeamOfOneTakesTheMostProbableIdOfEachStep) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const SearchHarness harness({{4, 1}}, seed);
    const auto found = harness.Find({.beam = 1})[0];
    ASSERT_EQ(found.size(), 1u);
    const auto stepper = harness.Open(1);
    stepper->Begin(harness.slot);
    std::vector<std::int32_t> tokens;
    std::int32_t read = kStart;
    for (Index step = 0; step < 2 * 4 + 10; ++step) {
      const std::vector<Index> previous = {0};
      const auto logits = stepper->Step(previous, std::vector<std::int32_t>{read});
      read = static_cast<std::int32_t>(std::ranges::max_element(logits) - logits.begin());
      if (read == kEnd) break;
      tokens.push_back(read);
    }
    EXPECT_EQ(found[0].tokens, tokens);
    EXPECT_EQ(found[0].ended, read == kEnd);
  }
}

TEST(SearchTokens, ASequenceDoesNotDependOnTheOthersOfItsBatch) {
  const std::vector<LengthPair> lengths = {{7, 1}, {5, 1}, {5, 1}, {2, 1}, {1, 1}};
  for (const AttentionKind attention :
       {AttentionKind::kNone, AttentionKind::kDot, AttentionKind::kAdditive}) {
    SearchHarness harness(lengths, 3, attention);
    const SearchOptions options{.beam = 3, .n_best = 3};
    const auto together = harness.Find(options);
    const SlotBatch all = std::move(harness.slot);
    for (Index b = 0; b < all.layout.sequences(); ++b) {
      harness.slot = SequenceOf(harness.model.schema(), all, b);
      const auto alone = harness.Find(options)[0];
      const auto& of_batch = together[static_cast<std::size_t>(b)];
      ASSERT_EQ(alone.size(), of_batch.size());
      for (std::size_t i = 0; i < alone.size(); ++i) {
        EXPECT_EQ(alone[i].tokens, of_batch[i].tokens);
        EXPECT_EQ(alone[i].log_probability, of_batch[i].log_probability);
      }
    }
  }
}

TEST(SearchTokens, AnEnsembleOfOneModelTwiceIsThatModel) {
  const SearchHarness harness({{4, 1}, {3, 1}});
  const SearchOptions options{.beam = 2, .n_best = 2};
  const auto one = harness.Open(4), other = harness.Open(4);
  TokenStepper<float>* const both[] = {one.get(), other.get()};
  const auto found = SearchTokens(both, harness.slot, kStart, kEnd, options);
  const auto expected = harness.Find(options);
  for (std::size_t b = 0; b < 2; ++b) {
    for (std::size_t i = 0; i < found[b].size(); ++i) {
      EXPECT_EQ(found[b][i].tokens, expected[b][i].tokens);
      EXPECT_NEAR(found[b][i].log_probability, expected[b][i].log_probability, 1e-12);
    }
  }
}

TEST(SearchTokens, AnEnsembleHasTheMeanOfTheLogProbabilities) {
  const SearchHarness a({{3, 1}}, 1), b({{3, 1}}, 2);
  const auto one = a.Open(3), other = b.Open(3);
  TokenStepper<float>* const both[] = {one.get(), other.get()};
  const SearchOptions options{.beam = 3};
  const auto found = SearchTokens(both, a.slot, kStart, kEnd, options)[0][0];
  ASSERT_TRUE(found.ended);
  const double mean = (LogProbability(one.get(), a.slot, found.tokens) +
                       LogProbability(other.get(), a.slot, found.tokens)) /
                      2;
  EXPECT_NEAR(found.log_probability, mean, 1e-5);
}

TEST(SearchTokens, WhatHasNotEndedIsReturnedAsItIs) {
  SearchHarness harness({{3, 1}});
  for (const ParameterInfo& info : harness.model.layout().infos()) {
    if (info.name == "head.bias") harness.values[info.offset + kEnd] = -100;
  }
  const auto found = harness.Find({.beam = 2, .n_best = 2, .most_ratio = 1, .most_extra = 2})[0];
  ASSERT_EQ(found.size(), 2u);
  for (const Hypothesis& one : found) {
    EXPECT_FALSE(one.ended);
    EXPECT_EQ(one.tokens.size(), 5u);
  }
  EXPECT_GE(found[0].score, found[1].score);
}

TEST(SearchTokens, AttentionHasARowForEachIdAndTheEnd) {
  const SearchHarness harness({{4, 1}, {2, 1}});
  const auto found = harness.Find({.beam = 3, .n_best = 3, .keep_attention = true});
  for (std::size_t b = 0; b < 2; ++b) {
    for (const Hypothesis& one : found[b]) {
      ASSERT_EQ(one.attention.size(), one.tokens.size() + (one.ended ? 1 : 0));
      for (const std::vector<float>& row : one.attention) {
        EXPECT_EQ(row.size(), b == 0 ? 4u : 2u);
      }
    }
  }
}

// By hand: log of the attention that each source step got, at most 1. Three ids cannot attend to
// four steps in full.
TEST(SearchTokens, TheCoveragePenaltyLowersScoresOfWhatLeavesSourceStepsOut) {
  const SearchHarness harness({{4, 1}});
  const SearchOptions options{.beam = 3,
                              .n_best = 3,
                              .coverage_penalty = 0.5,
                              .most_ratio = 0,
                              .most_extra = 3,
                              .keep_attention = true};
  const std::vector<Hypothesis> found = harness.Find(options)[0];
  for (const Hypothesis& one : found) {
    double covered = 0;
    for (std::size_t s = 0; s < 4; ++s) {
      double attended = 0;
      for (const std::vector<float>& row : one.attention) attended += row[s];
      covered += std::log(std::min(attended, 1.0));
    }
    const double length = static_cast<double>(one.tokens.size()) + (one.ended ? 1 : 0);
    EXPECT_NEAR(one.score, one.log_probability * 6 / (5 + length) + 0.5 * covered, 1e-6);
    EXPECT_LT(covered, 0);
  }
}

// Writes any id with the same probability, and attends to the first source step alone.
class OneSidedStepper : public TokenStepper<float> {
 public:
  Index classes() const override { return 3; }
  void Begin(const SlotBatch&) override {}
  std::span<const float> Step(std::span<const Index> previous,
                              std::span<const std::int32_t>) override {
    logits_.assign(previous.size() * 3, 0);
    return logits_;
  }
  std::span<const float> Attention(Index) const override { return attention_; }

 private:
  std::vector<float> logits_, attention_ = {1, 0, 0, 0};
};

// By hand: log 1 and three times the log of the least that counts, 1e-10.
TEST(SearchTokens, ASourceStepWithoutAttentionLeavesScoresAnOrder) {
  const SearchHarness harness({{4, 1}});
  OneSidedStepper stepper;
  TokenStepper<float>* const models[] = {&stepper};
  const SearchOptions options{.beam = 3,
                              .n_best = 3,
                              .length_penalty = 0,
                              .coverage_penalty = 0.5,
                              .most_ratio = 0,
                              .most_extra = 2};
  const std::vector<Hypothesis> found =
      SearchTokens(models, harness.slot, kStart, kEnd, options)[0];
  ASSERT_EQ(found.size(), 3u);
  for (const Hypothesis& one : found)
    EXPECT_NEAR(one.score, one.log_probability + 0.5 * 3 * std::log(1e-10), 1e-9);
}

}  // namespace
}  // namespace lockstep
