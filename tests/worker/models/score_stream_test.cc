// Scores of a sequence that comes in parts: the bits of the whole, however it is cut.
#include "worker/models/score_stream.h"

#include <gtest/gtest.h>

#include <cstring>

#include "base/counter_rng.h"
#include "tests/support/small_model.h"

namespace lockstep {
namespace {

constexpr std::uint64_t kSeed = 5;
constexpr Index kFeatures = 6, kClasses = 5, kMostSteps = 7;

SmallModelOptions Options(CellKind cell, std::vector<Index> lookahead, bool residual = false) {
  SmallModelOptions options;
  options.cell = cell;
  options.feature_width = kFeatures;
  options.classes = kClasses;
  options.target = Alignment::kList;
  options.layers = 3;
  options.hidden_size = 9;
  options.conv_channels = 9;
  options.bidirectional = false;
  options.residual = residual;
  options.lookahead = std::move(lookahead);
  return options;
}

SlotBatch Steps(Index begin, Index end) {
  SlotBatch slot;
  slot.fields.resize(2);
  slot.sample_ids = {0};
  if (begin == end) return slot;
  slot.layout = PackedLayout({end - begin});
  slot.fields[0].values = AlignedBuffer<float>((end - begin) * kFeatures);
  const CounterRng rng(kSeed, RandomPurpose::kTest);
  for (Index i = 0; i < slot.fields[0].values.size(); ++i) {
    slot.fields[0].values[i] =
        static_cast<float>(rng.Normal(static_cast<std::uint64_t>(begin * kFeatures + i)));
  }
  return slot;
}

struct Harness {
  explicit Harness(const SmallModelOptions& options)
      : model(options), values(model.layout().size()) {
    InitialiseParameters<float>(model.layout(), kSeed, values.span());
    // Weights that look ahead begin with zero; here they must matter.
    const CounterRng rng(kSeed, RandomPurpose::kTest, 1);
    for (const ParameterInfo& info : model.layout().infos()) {
      if (!info.name.starts_with("look_ahead")) continue;
      for (Index i = info.offset; i < info.offset + info.count(); ++i) {
        values[i] = static_cast<float>(rng.Uniform(static_cast<std::uint64_t>(i)));
      }
    }
  }
  std::vector<float> Whole(Index steps) {
    Workspace workspace(model.WorkspaceBytes(TwoFieldBounds(1, steps, steps)));
    const auto scores = model.Score(Steps(0, steps), values.data(), &workspace);
    return {scores.values, scores.values + scores.rows * scores.width};
  }
  // The sequence in parts of the given sizes, which are repeated. `told_at_end`: its end comes by
  // itself, after the last part.
  static std::vector<float> InParts(Index steps, const std::vector<Index>& sizes, bool told_at_end,
                                    ScoreStream<float>* stream) {
    std::vector<float> all;
    const auto add = [&](Index begin, Index end, bool ends) {
      const std::span<const float> found = stream->Add(Steps(begin, end), ends);
      all.insert(all.end(), found.begin(), found.end());
    };
    Index begin = 0;
    for (std::size_t i = 0; begin < steps; ++i) {
      const Index end = std::min(steps, begin + sizes[i % sizes.size()]);
      add(begin, end, end == steps && !told_at_end);
      begin = end;
    }
    if (told_at_end) add(steps, steps, true);
    return all;
  }

  SmallEncoderModel<float> model;
  AlignedBuffer<float> values;
};

void ExpectSameBits(const std::vector<float>& a, const std::vector<float>& b) {
  ASSERT_EQ(a.size(), b.size());
  EXPECT_EQ(std::memcmp(a.data(), b.data(), a.size() * sizeof(float)), 0);
}

class ScoreStreams : public testing::TestWithParam<CellKind> {};

TEST_P(ScoreStreams, GiveTheBitsOfTheWholeSequenceHoweverItIsCut) {
  for (const bool residual : {false, true}) {
    for (const std::vector<Index>& ahead : {std::vector<Index>{0}, {4}, {3, 0, 2}}) {
      Harness harness(Options(GetParam(), ahead, residual));
      const auto stream = harness.model.OpenStream(harness.values.data(), kMostSteps);
      for (const Index steps : {1, 2, 5, 40}) {
        const std::vector<float> whole = harness.Whole(steps);
        for (const std::vector<Index>& sizes : {std::vector<Index>{1}, {7}, {1, 5, 2}}) {
          for (const bool told_at_end : {false, true}) {
            ExpectSameBits(Harness::InParts(steps, sizes, told_at_end, stream.get()), whole);
          }
        }
      }
    }
  }
}

TEST(ScoreStream, ScoresAStepWhenItsLookAheadHasBeenHeard) {
  Harness harness(Options(CellKind::kGru, {2, 1, 3}));
  const auto stream = harness.model.OpenStream(harness.values.data(), kMostSteps);
  EXPECT_EQ(stream->look_ahead(), 6);
  for (Index step = 0; step < 20; ++step) {
    EXPECT_EQ(stream->Add(Steps(step, step + 1), false).size(), step < 6 ? 0u : kClasses);
  }
  EXPECT_EQ(stream->Add(Steps(20, 20), true).size(), 6u * kClasses);
}

TEST(ScoreStream, LaterInputsChangeNoScoreBeyondTheLookAhead) {
  Harness harness(Options(CellKind::kLstm, {2, 1, 3}));
  const std::vector<float> longer = harness.Whole(30), shorter = harness.Whole(20);
  const auto same = static_cast<std::size_t>((20 - 6) * kClasses);
  EXPECT_EQ(std::memcmp(longer.data(), shorter.data(), same * sizeof(float)), 0);
  EXPECT_NE(longer[same], shorter[same]);
}

TEST(ScoreStream, IsNotToBeHadOfModelsThatNeedTheWholeSequence) {
  SmallModelOptions both = Options(CellKind::kGru, {0});
  both.bidirectional = true;
  SmallModelOptions field = Options(CellKind::kGru, {0});
  field.target = Alignment::kStep;
  field.head.head = "crf";
  for (const SmallModelOptions& options : {both, field}) {
    Harness harness(options);
    EXPECT_EQ(harness.model.OpenStream(harness.values.data(), kMostSteps), nullptr);
  }
}

INSTANTIATE_TEST_SUITE_P(EachCell, ScoreStreams,
                         testing::Values(CellKind::kRnnTanh, CellKind::kRnnRelu, CellKind::kGru,
                                         CellKind::kGruResetBefore, CellKind::kLstm,
                                         CellKind::kGruLn, CellKind::kLstmLn),
                         [](const auto& cell) { return CellName(cell.param); });

}  // namespace
}  // namespace lockstep
