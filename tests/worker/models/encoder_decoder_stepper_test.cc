#include "worker/models/encoder_decoder_stepper.h"

#include <gtest/gtest.h>

#include "tests/worker/models/written_target.h"

namespace lockstep {
namespace {

const std::vector<LengthPair> kLengths = {{5, 3}, {4, 6}, {4, 1}, {1, 2}};

std::vector<WriterOptions> AllWriters() {
  std::vector<WriterOptions> all;
  for (const AttentionKind attention :
       {AttentionKind::kNone, AttentionKind::kDot, AttentionKind::kAdditive}) {
    for (const bool feeds : {false, true}) {
      if (feeds && attention == AttentionKind::kNone) continue;
      for (const CellKind cell : {CellKind::kGru, CellKind::kLstm}) {
        WriterOptions options = SmallWriter();
        options.encoder.cell = cell;
        options.encoder.layers = 2;
        options.encoder.dropout = 0.5;  // of which a stepper must do nothing
        options.decoder = {.attention = attention, .input_feeding = feeds};
        all.push_back(options);
      }
    }
  }
  return all;
}

// Writes the targets of the slot: all sequences that are not at their end, in the order of the
// target's layout. Expects the scores of Model::Score, bit by bit.
void ExpectScoresOfTargets(const WriterOptions& options) {
  WriterHarness<float> harness(options, kLengths);
  const PackedLayout& layout = harness.slot.fields[1].layout;
  const std::vector<std::int32_t>& ids = harness.slot.fields[1].ids;
  Workspace workspace(harness.model.ScoreBytes(WriterBounds(harness.slot)));
  const Scores<float> scores = harness.model.Score(harness.slot, harness.values.data(), &workspace);
  EXPECT_EQ(scores.alignment, Alignment::kOwnSteps);
  const auto stepper =
      harness.model.OpenTokenStepper(harness.values.data(), WriterBounds(harness.slot), 4);
  for (int again = 0; again < 2; ++again) {
    stepper->Begin(harness.slot);
    std::vector<Index> previous = harness.slot.fields[1].sequence_of;
    std::vector<std::int32_t> tokens(previous.size(), 0);
    for (Index t = 0; t < layout.steps(); ++t) {
      const auto rows = static_cast<std::size_t>(layout.active(t));
      const auto logits =
          stepper->Step(std::span(previous).first(rows), std::span(tokens).first(rows));
      const float* const expected = scores.values + layout.row_start(t) * scores.width;
      for (std::size_t i = 0; i < logits.size(); ++i) ASSERT_EQ(logits[i], expected[i]) << t;
      for (std::size_t row = 0; row < rows; ++row) {
        previous[row] = static_cast<Index>(row);
        tokens[row] = ids[static_cast<std::size_t>(layout.row_start(t)) + row];
      }
    }
  }
}

TEST(EncoderDecoderStepper, GivesTheBitsOfTheScoresOfTargetsThatAreKnown) {
  for (const WriterOptions& options : AllWriters()) ExpectScoresOfTargets(options);
}

TEST(EncoderDecoderStepper, SeveralHypothesesMayGoOnFromOneRow) {
  for (const WriterOptions& options : AllWriters()) {
    WriterHarness<float> harness(options, {{4, 1}, {2, 1}});
    const auto stepper =
        harness.model.OpenTokenStepper(harness.values.data(), WriterBounds(harness.slot), 5);
    const auto width = static_cast<std::size_t>(stepper->classes());
    stepper->Begin(harness.slot);
    stepper->Step(std::vector<Index>{0, 1}, std::vector<std::int32_t>{0, 0});
    const auto five =
        stepper->Step(std::vector<Index>{1, 0, 1, 1, 0}, std::vector<std::int32_t>{2, 3, 1, 2, 3});
    const std::vector<float> logits(five.begin(), five.end());
    const auto row = [&](std::size_t r) { return std::span(logits).subspan(r * width, width); };
    EXPECT_TRUE(std::ranges::equal(row(0), row(3)));
    EXPECT_TRUE(std::ranges::equal(row(1), row(4)));
    EXPECT_FALSE(std::ranges::equal(row(0), row(2)));
    // The same path alone.
    stepper->Begin(harness.slot);
    stepper->Step(std::vector<Index>{1}, std::vector<std::int32_t>{0});
    const auto alone = stepper->Step(std::vector<Index>{0}, std::vector<std::int32_t>{1});
    EXPECT_TRUE(std::ranges::equal(alone, row(2)));
  }
}

TEST(EncoderDecoderStepper, AttentionAddsUpToOneOverTheStepsOfTheSource) {
  for (const WriterOptions& options : AllWriters()) {
    WriterHarness<float> harness(options, kLengths);
    const auto stepper =
        harness.model.OpenTokenStepper(harness.values.data(), WriterBounds(harness.slot), 4);
    stepper->Begin(harness.slot);
    stepper->Step(std::vector<Index>{3, 0}, std::vector<std::int32_t>{0, 0});
    if (options.decoder.attention == AttentionKind::kNone) {
      EXPECT_TRUE(stepper->Attention(0).empty());
      continue;
    }
    EXPECT_EQ(stepper->Attention(0).size(), 1u);
    EXPECT_EQ(stepper->Attention(1).size(), 5u);
    float sum = 0;
    for (const float weight : stepper->Attention(1)) sum += weight;
    EXPECT_NEAR(sum, 1, 1e-6);
  }
}

}  // namespace
}  // namespace lockstep
