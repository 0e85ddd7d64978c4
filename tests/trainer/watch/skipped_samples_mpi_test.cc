// A value that is not finite, planted on one rank at one sample, makes every rank skip the same
// step without a trace, and the sample is named; on any number of ranks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cmath>
#include <limits>
#include <random>

#include "tests/support/small_model.h"
#include "trainer/step/train_step.h"
#include "trainer/watch/skipped_samples.h"

namespace {
bool poisons_next_message = false;
}

// Takes the library's place: a message of gradients that is changed on its way out of one rank.
extern "C" int MPI_Isend(const void* values, int count, MPI_Datatype type, int to, int tag,
                         MPI_Comm comm, MPI_Request* request) {
  if (poisons_next_message && type == MPI_FLOAT && count > 0) {
    static_cast<float*>(const_cast<void*>(values))[count / 2] =
        std::numeric_limits<float>::quiet_NaN();
    poisons_next_message = false;
  }
  return PMPI_Isend(values, count, type, to, tag, comm, request);
}

namespace lockstep {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr Index kSlots = 8, kSequences = 3, kWidth = 5, kSteps = 4;
constexpr Index kSamples = kSlots * kSequences;  // of a batch

struct Plant {
  Index step = -1;
  Index slot = 0;
  Index sequence = 0;
  Index time = 0;
  Index column = 0;
  float value = 0;

  std::uint64_t sample() const {
    return static_cast<std::uint64_t>(step * kSamples + slot * kSequences + sequence);
  }
};

SlotBatch FeatureBatch(Index slot, Index step) {
  SlotBatch part;
  part.fields.resize(2);
  part.layout = PackedLayout({9, 6, 2});
  part.fields[0].values = AlignedBuffer<float>(part.layout.rows() * kWidth);
  for (Index row = 0; row < part.layout.rows(); ++row) {
    part.fields[1].ids.push_back(static_cast<std::int32_t>((row + slot * step) % 3));
    for (Index i = 0; i < kWidth; ++i) {
      part.fields[0].values.data()[row * kWidth + i] =
          std::sin(static_cast<float>(row * 7 + slot * 3 + step + i));
    }
  }
  for (Index b = 0; b < kSequences; ++b) {
    part.sample_ids.push_back(Plant{step, slot, b, 0, 0, 0}.sample());
  }
  return part;
}

SmallModelOptions ModelOf(CellKind cell) {
  SmallModelOptions options;
  options.feature_width = kWidth;
  options.classes = 3;
  options.cell = cell;
  options.layers = 2;
  options.hidden_size = 12;
  return options;
}

class Training {
 public:
  Training(const Communicator& comm, CellKind cell, int threads)
      : model_(ModelOf(cell)),
        values_(model_.layout().size()),
        step_(comm, model_, {kSlots, threads, 1, TwoFieldBounds(kSequences, 9, 17), true}, {}, {},
              {}) {
    InitialiseParameters<float>(model_.layout(), 1, values_.span());
  }

  StepResult Step(Index step, const Plant& plant = {}) {
    batch_ = RankBatch();
    batch_.slot_range = step_.worker().slot_range();
    for (Index slot = batch_.slot_range.first; slot < batch_.slot_range.last; ++slot) {
      batch_.slots.push_back(FeatureBatch(slot, step));
      if (plant.step == step && plant.slot == slot) Put(plant, &batch_.slots.back());
    }
    const StepResult result = step_.Run(
        batch_, {.step = step, .update = updates_ + 1, .learning_rate = 1e-2}, values_.span());
    if (!result.skipped) ++updates_;
    return result;
  }
  std::vector<std::uint64_t> SamplesOfLast(Index step) {
    return step_.worker().NonFiniteSamples(batch_, step, values_.data(), SkippedSamples::kMost + 1);
  }
  bool LossWasFinite() {
    for (const StepSums& sums : step_.worker().slot_sums()) {
      if (!std::isfinite(sums.loss)) return false;
    }
    return true;
  }
  bool Owns(Index slot) {
    const SlotRange range = step_.worker().slot_range();
    return slot >= range.first && slot < range.last;
  }
  std::vector<float> Values() {
    step_.FinishValues();
    return {values_.span().begin(), values_.span().end()};
  }

 private:
  static void Put(const Plant& plant, SlotBatch* slot) {
    const Index row = slot->layout.Row(plant.time, plant.sequence);
    slot->fields[0].values.data()[row * kWidth + plant.column] = plant.value;
  }

  SmallEncoderModel<float> model_;
  AlignedBuffer<float> values_;
  TrainStep step_;
  RankBatch batch_;
  Index updates_ = 0;
};

// The plant of case `which`, drawn by a generator: any step, slot (so any rank), sequence and
// place.
Plant Draw(int which) {
  std::mt19937 draw(static_cast<unsigned>(which));
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  constexpr float kValues[] = {std::numeric_limits<float>::quiet_NaN(), kInfinity, -kInfinity};
  constexpr Index kLengths[] = {9, 6, 2};
  Plant plant{.step = static_cast<Index>(draw() % kSteps), .slot = which % kSlots};
  plant.sequence = static_cast<Index>(draw() % kSequences);
  plant.time = static_cast<Index>(draw()) % kLengths[plant.sequence];
  plant.column = static_cast<Index>(draw() % kWidth);
  plant.value = kValues[which / kSlots % 3];
  return plant;
}

class SkippedSamplesTest : public testing::Test {
 protected:
  // The one skipped step is that of the plant; nothing but its update is missing at the end.
  void Check(const Plant& plant, CellKind cell, int threads) {
    Training planted(comm_, cell, threads), without(comm_, cell, threads);
    int skipped = 0;
    for (Index step = 0; step < kSteps; ++step) {
      const StepResult result = planted.Step(step, plant);
      EXPECT_EQ(result.skipped, step == plant.step);
      EXPECT_THAT(result.not_finite, IsEmpty());
      skipped += result.skipped;
      if (step != plant.step) {
        without.Step(step);
      } else {
        CheckNamed(plant, &planted);
      }
    }
    EXPECT_EQ(comm_.Max(skipped), 1);
    EXPECT_EQ(planted.Values(), without.Values());
  }
  void CheckNamed(const Plant& plant, Training* planted) {
    const std::vector<std::uint64_t> found = planted->SamplesOfLast(plant.step);
    if (planted->Owns(plant.slot)) {
      EXPECT_EQ(found, std::vector<std::uint64_t>{plant.sample()});
    } else {
      EXPECT_THAT(found, IsEmpty());
    }
  }

  const Communicator comm_ = Communicator::World();
};

TEST_F(SkippedSamplesTest, AnyPlantOnAnyRankSkipsOneStepOnAllAndIsNamed) {
  constexpr CellKind kCells[] = {CellKind::kGru, CellKind::kLstm, CellKind::kRnnTanh,
                                 CellKind::kRnnRelu};
  for (int which = 0; which < 128; ++which) {
    SCOPED_TRACE(which);
    Check(Draw(which), kCells[which % 4], 1 + which / 4 % 2);
  }
}

TEST_F(SkippedSamplesTest, AreNamedWhereThreadsOfARankHaveNoSlot) {
  for (int which = 0; which < kSlots; ++which) {
    SCOPED_TRACE(which);
    Check(Draw(which), CellKind::kGru, kSlots + 1);
  }
}

TEST_F(SkippedSamplesTest, AMessageThatGoesBadOnItsWayIsSkippedAndNoSampleIsToBlame) {
  for (int rank = 0; rank < comm_.size() && comm_.size() > 1; ++rank) {
    for (Index bad = 0; bad < kSteps; ++bad) {
      Training training(comm_, CellKind::kGru, 1);
      for (Index step = 0; step < kSteps; ++step) {
        poisons_next_message = rank == comm_.rank() && step == bad;
        EXPECT_EQ(training.Step(step).skipped, step == bad);
        if (step != bad) continue;
        EXPECT_THAT(training.SamplesOfLast(step), IsEmpty());
        EXPECT_TRUE(training.LossWasFinite());
      }
      for (float value : training.Values()) ASSERT_TRUE(std::isfinite(value));
    }
  }
}

TEST_F(SkippedSamplesTest, AreGatheredInTheOrderOfSlotsWithFileRecordRankAndHost) {
  SplitInfo split;
  split.first_sample_id = 1000;
  for (int i = 0; i < 50; ++i) {
    ShardInfo shard;
    shard.file = "train-" + std::to_string(i) + ".h5";
    shard.sequences = 4;
    split.shards.push_back(shard);
  }
  split.sequences = 200;
  const auto rank = static_cast<std::uint64_t>(comm_.rank());
  const std::vector<std::string> hosts(static_cast<std::size_t>(comm_.size()), "node");
  const SkippedSamples all =
      GatherSkipped(comm_, hosts, split, {{1006 + 9 * rank, 1008 + 9 * rank}, true});
  if (comm_.rank() != 0) return;
  ASSERT_EQ(all.samples.size(), static_cast<std::size_t>(2 * comm_.size()));
  EXPECT_FALSE(all.more);
  EXPECT_THAT(all.Describe("words"),
              HasSubstr("sample 1006 (words/train-1.h5, record 2; rank 0 on node), "
                        "sample 1008 (words/train-2.h5, record 0; rank 0 on node)"));
  if (comm_.size() > 1) {
    EXPECT_THAT(all.Describe("words"),
                HasSubstr("sample 1015 (words/train-3.h5, record 3; rank 1 on node)"));
  }
}

TEST_F(SkippedSamplesTest, AreTheFirstTenHoweverManyThereAre) {
  SplitInfo split;
  ShardInfo shard;
  shard.file = "a.h5";
  split.sequences = shard.sequences = 1000;
  split.shards = {shard};
  std::vector<std::uint64_t> mine;
  for (std::uint64_t i = 0; i < 11; ++i) {
    mine.push_back(static_cast<std::uint64_t>(comm_.rank()) * 20 + i);
  }
  const std::vector<std::string> hosts(static_cast<std::size_t>(comm_.size()), "node");
  const SkippedSamples all = GatherSkipped(comm_, hosts, split, {mine, false});
  if (comm_.rank() != 0) return;
  EXPECT_EQ(all.samples.size(), SkippedSamples::kMost);
  EXPECT_TRUE(all.more);
  EXPECT_THAT(all.faulty, IsEmpty());
  EXPECT_THAT(all.Describe("c"),
              testing::EndsWith("rank 0 on node), and at least 9 others: with so many it is hardly "
                                "the data; lower schedule.learning_rate, or clip more (clip.mode, "
                                "clip.max_norm)"));
}

TEST_F(SkippedSamplesTest, ARankWhoseLossIsFiniteTheSecondTimeIsCalledFaulty) {
  const int bad = comm_.size() - 1;
  const std::vector<std::string> hosts(static_cast<std::size_t>(comm_.size()), "node");
  const SkippedSamples all = GatherSkipped(comm_, hosts, {}, {{}, comm_.rank() != bad});
  if (comm_.rank() != 0) return;
  EXPECT_THAT(all.Describe("c"), testing::StartsWith("rank " + std::to_string(bad) + " on node "));
  EXPECT_THAT(SkippedSamples().Describe("c"), HasSubstr("is a machine faulty?"));
}

}  // namespace
}  // namespace lockstep
