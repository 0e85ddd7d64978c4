// Streams of batches in which samples are cut into pieces.
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "data/stream/batch_stream.h"
#include "tests/data/small_corpus.h"
#include "tests/data/speech_corpus.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

constexpr Index kPieceSteps = 9;

// A corpus in which each step of each sample can be told from all others: step t of sample i is the
// number 1000 i + t.
CorpusInfo WriteCountedCorpus(const std::string& folder, const std::vector<Index>& lengths) {
  CorpusInfo header;
  header.kind = "frames";
  header.schema =
      TwoFieldSchema({.type = ElementType::kFloat32}, {}, {}, {"classes", {"even", "odd"}, {}, -1});
  CorpusWriter writer(folder, header, {"train"}, 1000);
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    std::vector<float> inputs;
    std::vector<std::uint8_t> targets;
    for (Index t = 0; t < lengths[i]; ++t) {
      inputs.push_back(static_cast<float>(1000 * static_cast<Index>(i) + t));
      targets.push_back(static_cast<std::uint8_t>(t % 2));
    }
    writer.Add("train",
               {{std::as_bytes(std::span(inputs)), std::as_bytes(std::span(targets))}, lengths[i]});
  }
  return writer.Finish("{}");
}

// 40 samples in several shards, planned in windows of about 60 pieces.
class CutStreamTest : public testing::Test {
 protected:
  static StreamOptions Options(const std::vector<double>& weights = {}) {
    StreamOptions options;
    options.plan = {3, 8, 4, 60, true, weights, kPieceSteps};
    options.last_epoch = 2;
    return options;
  }
  BatchStream Stream(const StreamOptions& options, SlotRange range = {0, 4}, Cursor start = {}) {
    return BatchStream(folder_.path(), info_, "train", options, range, start);
  }
  // Calls use(epoch, numbers of the steps) for each sequence of a stream.
  template <typename Use>
  void ForEachSequence(const StreamOptions& options, const Use& use) {
    BatchStream stream = Stream(options);
    while (const auto batch = stream.Next()) {
      for (const SlotBatch& slot : batch->slots) {
        for (Index b = 0; b < slot.layout.sequences(); ++b) {
          std::vector<Index> steps;
          for (Index t = 0; t < slot.layout.Length(b); ++t) {
            const Index row = slot.layout.Row(t, b);
            steps.push_back(static_cast<Index>(slot.fields[0].values.data()[row]));
            EXPECT_EQ(slot.fields[1].ids[static_cast<std::size_t>(row)], steps.back() % 2);
          }
          EXPECT_EQ(slot.sample_ids[static_cast<std::size_t>(b)],
                    static_cast<std::uint64_t>(steps[0] / 1000));
          use(batch->cursor.epoch, steps);
        }
      }
    }
  }

  TempFolder folder_;
  CorpusInfo info_ = WriteCountedCorpus(folder_.path(), MixedLengths(40, 90));
};

void ExpectSame(const SlotBatch& a, const SlotBatch& b) {
  EXPECT_EQ(a.sample_ids, b.sample_ids);
  EXPECT_EQ(a.fields[1].ids, b.fields[1].ids);
  ASSERT_EQ(a.layout.rows(), b.layout.rows());
  for (Index row = 0; row < a.layout.rows(); ++row) {
    EXPECT_EQ(a.fields[0].values.data()[row], b.fields[0].values.data()[row]);
  }
}

TEST_F(CutStreamTest, GivesEachStepOnceInEachEpoch) {
  std::map<Index, std::map<Index, int>> uses;
  ForEachSequence(Options(), [&](Index epoch, const std::vector<Index>& steps) {
    EXPECT_LE(std::ssize(steps), kPieceSteps);
    for (std::size_t i = 0; i < steps.size(); ++i) {
      EXPECT_EQ(steps[i], steps[0] + static_cast<Index>(i)) << "steps follow each other";
      ++uses[epoch][steps[i]];
    }
  });
  ASSERT_EQ(uses.size(), 3u);
  for (const auto& [epoch, counts] : uses) {
    EXPECT_EQ(std::ssize(counts), info_.Split("train").steps);
    for (const auto& [step, count] : counts) ASSERT_EQ(count, 1) << step;
  }
}

TEST_F(CutStreamTest, HasOtherBordersInEachEpochAndNoneWithinShortSamples) {
  std::map<Index, std::set<Index>> firsts;
  ForEachSequence(Options(), [&](Index epoch, const std::vector<Index>& steps) {
    if (steps[0] % 1000 != 0) firsts[epoch].insert(steps[0]);
  });
  const std::vector<Index> lengths = MixedLengths(40, 90);
  for (const Index first : firsts[0]) {
    EXPECT_GT(lengths[static_cast<std::size_t>(first / 1000)], kPieceSteps);
  }
  std::vector<Index> both;
  std::ranges::set_intersection(firsts[0], firsts[1], std::back_inserter(both));
  EXPECT_LT(both.size(), firsts[0].size() / 3) << "a ninth is expected";
}

TEST_F(CutStreamTest, GivesEachStepAsOftenAsTheWeightOfItsSource) {
  info_.sources = {"a", "b"};
  info_.splits["train"].sources = {{0, 15, 15}, {1, 25, 25}};
  std::map<std::pair<Index, Index>, int> uses;
  ForEachSequence(Options({3, 2}), [&](Index epoch, const std::vector<Index>& steps) {
    for (const Index step : steps) ++uses[{epoch, step}];
  });
  EXPECT_EQ(std::ssize(uses), 3 * info_.Split("train").steps);
  for (const auto& [use, count] : uses) ASSERT_EQ(count, use.second < 15000 ? 3 : 2);
}

TEST_F(CutStreamTest, MixesPiecesOfDifferentSamples) {
  BatchStream stream = Stream(Options());
  Index full = 0, samples = 0;
  while (const auto batch = stream.Next()) {
    if (batch->sequences < 8) continue;
    std::set<std::uint64_t> ids;
    for (const SlotBatch& slot : batch->slots) {
      ids.insert(slot.sample_ids.begin(), slot.sample_ids.end());
    }
    ++full;
    samples += std::ssize(ids);
  }
  EXPECT_GT(samples, 6 * full) << "of 8 pieces";
}

TEST_F(CutStreamTest, GivesRanksTheSlotsOfTheWhole) {
  BatchStream whole = Stream(Options()), first = Stream(Options(), {0, 1}),
              second = Stream(Options(), {1, 4});
  while (const auto batch = whole.Next()) {
    const auto a = first.Next(), b = second.Next();
    ASSERT_EQ(a->slots.size() + b->slots.size(), 4u);
    for (std::size_t s = 0; s < 4; ++s) {
      ExpectSame(batch->slots[s], s < 1 ? a->slots[s] : b->slots[s - 1]);
    }
  }
}

TEST_F(CutStreamTest, ThatStartsAnywhereEqualsTheOneThatCameThere) {
  for (const std::vector<double>& weights : {std::vector<double>{}, {2.5, 0.4}}) {
    info_.sources = {"a", "b"};
    info_.splits["train"].sources = {{0, 15, 15}, {1, 25, 25}};
    BatchStream came = Stream(Options(weights));
    for (auto batch = came.Next(); batch != nullptr; batch = came.Next()) {
      BatchStream started = Stream(Options(weights), {0, 4}, batch->cursor);
      const auto same = started.Next();
      EXPECT_EQ(same->cursor, batch->cursor);
      EXPECT_EQ(started.cursor(), came.cursor());
      for (std::size_t s = 0; s < 4; ++s) ExpectSame(same->slots[s], batch->slots[s]);
    }
  }
}

TEST_F(CutStreamTest, StaysWithinItsBounds) {
  for (const Index batch_sequences : {1, 8, 50}) {
    StreamOptions options = Options();
    options.plan.batch_sequences = batch_sequences;
    const SlotBounds bounds = BoundsOf(info_, info_.Split("train"), options);
    EXPECT_EQ(bounds.steps, kPieceSteps);
    BatchStream stream = Stream(options);
    while (const auto batch = stream.Next()) {
      EXPECT_GE(batch->sequences, 1);
      EXPECT_LE(batch->sequences, batch_sequences);
      for (const SlotBatch& slot : batch->slots) {
        EXPECT_LE(slot.layout.sequences(), bounds.sequences);
        EXPECT_LE(slot.layout.rows(), bounds.rows);
      }
    }
  }
}

TEST_F(CutStreamTest, ForEvaluationHasTheSameBordersAlways) {
  StreamOptions training = Options();
  std::vector<Index> firsts;
  ForEachSequence(EvaluationStream(training), [&](Index, const std::vector<Index>& steps) {
    EXPECT_EQ(steps[0] % 1000 % kPieceSteps, 0);
    firsts.push_back(steps[0]);
  });
  std::vector<Index> again;
  training.plan.seed = 17;
  ForEachSequence(EvaluationStream(training),
                  [&](Index, const std::vector<Index>& steps) { again.push_back(steps[0]); });
  EXPECT_EQ(firsts, again);
}

TEST_F(CutStreamTest, CanBeReadInParts) {
  StreamOptions options = Options();
  options.part_steps = 4;
  std::map<std::pair<Index, Index>, int> uses;
  ForEachSequence(options, [&](Index epoch, const std::vector<Index>& steps) {
    EXPECT_LE(steps.size(), 4u);
    for (const Index step : steps) ++uses[{epoch, step}];
  });
  EXPECT_EQ(std::ssize(uses), 3 * info_.Split("train").steps);
  for (const auto& [use, count] : uses) ASSERT_EQ(count, 1);
}

TEST_F(CutStreamTest, IsRefusedWhereItDoesNotFit) {
  StreamOptions options = Options();
  options.plan.cut_steps = 90;
  ExpectError(ExitCode::kUsage, "would cut nothing: the longest sample for training",
              [&] { Stream(options); });
  options = Options();
  options.frames.stack = 2;
  ExpectError(ExitCode::kUsage, "data.cut_steps = 9 cannot be combined with joined",
              [&] { Stream(options); });
  const TempFolder speech;
  const CorpusInfo transcripts = WriteSpeechCorpus(speech.path(), {30, 20, 21});
  ExpectError(ExitCode::kUsage,
              "belongs to whole samples (aligned by list); set data.cut_steps = 0", [&] {
                BatchStream(speech.path(), transcripts, "train", Options(), {0, 4}, {});
              });
  CorpusInfo with_context = info_;
  with_context.overlap = 3;
  ExpectError(ExitCode::kUsage, "3 steps of context on each side, which their pieces would lose",
              [&] {
                BatchStream(folder_.path(), with_context, "train", Options(), {0, 4}, {});
              });
  CorpusInfo ordered = info_;
  ordered.schema.vocabularies.back().order.first = {0};
  ExpectError(ExitCode::kUsage, "may be first or last in a sample", [&] {
    BatchStream(folder_.path(), ordered, "train", Options(), {0, 4}, {});
  });
}

TEST(CutStream, RefusesMorePiecesThanAPlanCanNumber) {
  CorpusInfo info = DnaHeader();
  SplitInfo split;
  split.longest = 10 * kMostPiecesOfSample;
  StreamOptions options;
  options.plan.cut_steps = 9;
  ExpectError(ExitCode::kUsage, "set a larger data.cut_steps",
              [&] { CheckCuts("corpus", info, split, options); });
  options.plan.cut_steps = 11;
  CheckCuts("corpus", info, split, options);
}

// Each of 300 samples has three pieces. They are read from both strands with probability 3 / 4: 225
// samples, with a standard deviation of 7.5.
TEST(CutStream, DrawsAStrandForEachPiece) {
  const TempFolder folder;
  std::vector<std::uint8_t> inputs(19, 0), targets(19, 0);  // poly-A
  CorpusWriter writer(folder.path(), DnaHeader(), {"train"});
  for (int i = 0; i < 300; ++i) {
    writer.Add("train",
               {{std::as_bytes(std::span(inputs)), std::as_bytes(std::span(targets))}, 19});
  }
  const CorpusInfo info = writer.Finish("{}");
  StreamOptions options;
  options.plan = {3, 8, 4, 60, true, {}, kPieceSteps};
  options.random_strand = true;
  options.last_epoch = 0;
  BatchStream stream(folder.path(), info, "train", options, {0, 4}, {});
  std::map<std::uint64_t, std::set<int>> strands;
  while (const auto batch = stream.Next()) {
    for (const SlotBatch& slot : batch->slots) {
      for (Index b = 0; b < slot.layout.sequences(); ++b) {
        const auto row = static_cast<std::size_t>(slot.layout.Row(0, b));
        strands[slot.sample_ids[static_cast<std::size_t>(b)]].insert(slot.fields[0].ids[row]);
      }
    }
  }
  Index both = 0;
  for (const auto& [sample, ids] : strands) both += ids.size() == 2 ? 1 : 0;
  EXPECT_NEAR(static_cast<double>(both), 225, 38);
}

}  // namespace
}  // namespace lockstep
