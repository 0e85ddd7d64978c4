#include "data/stream/batch_stream.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <thread>

#include "base/counter_rng.h"
#include "tests/data/small_corpus.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

class BatchStreamTest : public testing::Test {
 protected:
  // 60 samples in shards of about 6, planned in windows of about 20.
  StreamOptions Options() const {
    StreamOptions options;
    options.plan = {3, 7, 4, 20, true};
    options.last_epoch = 2;
    return options;
  }
  BatchStream Stream(const StreamOptions& options, SlotRange range = {0, 4}, Cursor start = {}) {
    return BatchStream(folder_.path(), info_, "train", options, range, start);
  }

  TempFolder folder_;
  CorpusInfo info_ = WriteDnaCorpus(folder_.path(), MixedLengths(60, 50), 300);
};

void ExpectSame(const SlotBatch& a, const SlotBatch& b) {
  EXPECT_EQ(a.sample_ids, b.sample_ids);
  EXPECT_EQ(a.fields[0].ids, b.fields[0].ids);
  EXPECT_EQ(a.fields[1].ids, b.fields[1].ids);
  EXPECT_EQ(a.layout.rows(), b.layout.rows());
}

void ExpectSame(const RankBatch& a, const RankBatch& b) {
  EXPECT_EQ(a.cursor, b.cursor);
  EXPECT_EQ(a.sequences, b.sequences);
  EXPECT_EQ(a.steps, b.steps);
  ASSERT_EQ(a.slots.size(), b.slots.size());
  for (std::size_t s = 0; s < a.slots.size(); ++s) ExpectSame(a.slots[s], b.slots[s]);
}

TEST_F(BatchStreamTest, PacksEachSampleStepByStep) {
  BatchStream stream = Stream(Options());
  while (const auto batch = stream.Next()) {
    for (const SlotBatch& slot : batch->slots) {
      for (Index b = 0; b < slot.layout.sequences(); ++b) {
        const Index sample = static_cast<Index>(slot.sample_ids[static_cast<std::size_t>(b)]);
        for (Index t = 0; t < slot.layout.Length(b); ++t) {
          const auto row = static_cast<std::size_t>(slot.layout.Row(t, b));
          ASSERT_EQ(slot.fields[0].ids[row], SymbolOf(sample, t));
          const int target = TargetOf(sample, t);
          ASSERT_EQ(slot.fields[1].ids[row], target == 255 ? kIgnoredTarget : target);
        }
      }
    }
  }
}

TEST_F(BatchStreamTest, GivesEachSampleOnceAnEpochAndEndsAfterTheLast) {
  BatchStream stream = Stream(Options());
  std::map<std::pair<Index, std::uint64_t>, int> uses;
  while (const auto batch = stream.Next()) {
    Index sequences = 0, steps = 0;
    for (const SlotBatch& slot : batch->slots) {
      for (std::uint64_t id : slot.sample_ids) ++uses[{batch->cursor.epoch, id}];
      sequences += static_cast<Index>(slot.sample_ids.size());
      steps += slot.layout.rows();
    }
    EXPECT_EQ(batch->sequences, sequences);
    EXPECT_EQ(batch->steps, steps);
  }
  EXPECT_EQ(uses.size(), 3u * 60);
  for (const auto& [use, count] : uses) EXPECT_EQ(count, 1);
  EXPECT_EQ(stream.cursor(), (Cursor{3, 0}));
  EXPECT_EQ(stream.Next(), nullptr);
}

TEST_F(BatchStreamTest, ThatStartsAnywhereEqualsTheOneThatCameThere) {
  StreamOptions options = Options();
  options.random_strand = true;
  std::vector<Cursor> cursors;
  {
    BatchStream stream = Stream(options);
    while (stream.Next() != nullptr) cursors.push_back(stream.cursor());
  }
  for (std::size_t skip = 0; skip < cursors.size(); ++skip) {
    BatchStream came = Stream(options);
    for (std::size_t i = 0; i <= skip; ++i) came.Next();
    BatchStream started = Stream(options, {0, 4}, cursors[skip]);
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(came.cursor(), started.cursor());
      const auto a = came.Next(), b = started.Next();
      ASSERT_EQ(a == nullptr, b == nullptr);
      if (a != nullptr) ExpectSame(*a, *b);
    }
  }
}

TEST_F(BatchStreamTest, TakesTheEndOfAnEpochForTheBeginningOfTheNext) {
  BatchStream stream = Stream(Options());
  const Index steps = stream.StepsInEpoch(0);
  BatchStream at_end = Stream(Options(), {0, 4}, {0, steps});
  EXPECT_EQ(at_end.cursor(), (Cursor{1, 0}));
  EXPECT_EQ(at_end.Next()->cursor, (Cursor{1, 0}));
  ExpectError(ExitCode::kUsage, "the epoch has", [&] {
    Stream(Options(), {0, 4}, {0, steps + 1});
  });
}

TEST_F(BatchStreamTest, GivesTheSameSlotsWhateverTheRanks) {
  StreamOptions options = Options();
  options.random_strand = true;
  for (Index ranks : {2, 3, 4, 5}) {
    BatchStream whole = Stream(options);
    std::vector<std::unique_ptr<BatchStream>> parts;
    for (Index rank = 0; rank < ranks; ++rank) {
      parts.push_back(std::make_unique<BatchStream>(folder_.path(), info_, "train", options,
                                                    DealSlots(4, rank, ranks), Cursor{}));
    }
    while (const auto batch = whole.Next()) {
      std::size_t slot = 0;
      for (const auto& part : parts) {
        const auto own = part->Next();
        EXPECT_EQ(own->sequences, batch->sequences);
        for (const SlotBatch& other : own->slots) ExpectSame(other, batch->slots[slot++]);
      }
      EXPECT_EQ(slot, 4u);
    }
  }
}

// With the draw that the plan documents: bit 0 of CounterRng(seed, kStrand, epoch) at the sample
// id.
TEST_F(BatchStreamTest, ReadsTheOtherStrandAsItsReverseComplement) {
  StreamOptions options = Options();
  options.random_strand = true;
  BatchStream stream = Stream(options);
  int turned = 0, seen = 0;
  while (const auto batch = stream.Next()) {
    const CounterRng rng(3, RandomPurpose::kStrand,
                         static_cast<std::uint64_t>(batch->cursor.epoch));
    for (const SlotBatch& slot : batch->slots) {
      for (Index b = 0; b < slot.layout.sequences(); ++b) {
        const std::uint64_t id = slot.sample_ids[static_cast<std::size_t>(b)];
        const bool other = (rng.Bits(id) & 1) != 0;
        turned += other;
        ++seen;
        const Index length = slot.layout.Length(b);
        for (Index t = 0; t < length; ++t) {
          const auto row = static_cast<std::size_t>(slot.layout.Row(t, b));
          const Index at = other ? length - 1 - t : t;
          const int symbol = SymbolOf(static_cast<Index>(id), at);
          const int target = TargetOf(static_cast<Index>(id), at);
          ASSERT_EQ(slot.fields[0].ids[row],
                    other
                        ? info_.schema.vocabularies[0].complement[static_cast<std::size_t>(symbol)]
                        : symbol);
          if (target == kIgnoredTargetByte) {
            ASSERT_EQ(slot.fields[1].ids[row], kIgnoredTarget);
          } else {
            ASSERT_EQ(
                slot.fields[1].ids[row],
                other ? info_.schema.vocabularies[1].complement[static_cast<std::size_t>(target)]
                      : target);
          }
        }
      }
    }
  }
  EXPECT_GT(turned, seen / 3);
  EXPECT_LT(turned, seen * 2 / 3);
}

TEST_F(BatchStreamTest, StaysWithinItsBounds) {
  const StreamOptions options = Options();
  const SlotBounds bounds = BoundsOf(info_, info_.Split("train"), options);
  BatchStream stream = Stream(options);
  while (const auto batch = stream.Next()) {
    for (const SlotBatch& slot : batch->slots) {
      EXPECT_LE(slot.layout.sequences(), bounds.sequences);
      EXPECT_LE(slot.layout.steps(), bounds.steps);
      EXPECT_LE(slot.layout.rows(), bounds.rows);
    }
  }
}

TEST_F(BatchStreamTest, RethrowsDamageInNextAfterTheBatchesBeforeIt) {
  const std::string file = folder_ / info_.Split("train").shards[4].file;
  std::string bytes = Slurp(file);
  bytes[bytes.find("\x01\x02\xff", 0, 3)] ^= 1;  // inputs have no 255: these are targets
  Spill(file, bytes);
  BatchStream stream = Stream(Options());
  ExpectError(ExitCode::kBadData,
              info_.Split("train").shards[4].file + ": dataset \"targets\" record", [&] {
                while (stream.Next() != nullptr) {
                }
              });
  ExpectError(ExitCode::kBadData, "checksum", [&] { stream.Next(); });
}

TEST_F(BatchStreamTest, NamesAShardThatIsMissing) {
  std::filesystem::remove(folder_ / info_.Split("train").shards[0].file);
  BatchStream stream = Stream(Options());
  ExpectError(ExitCode::kMissingInput, "train-00000.h5", [&] {
    while (stream.Next() != nullptr) {
    }
  });
}

TEST_F(BatchStreamTest, CanBeDestroyedWhileItsThreadWaits) {
  StreamOptions options = Options();
  options.last_epoch = -1;
  options.prefetch = 1;
  BatchStream stream = Stream(options);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
}

TEST_F(BatchStreamTest, RefusesStrandsOfACorpusWithoutComplements) {
  info_.schema.vocabularies[0].complement.clear();
  StreamOptions options = Options();
  options.random_strand = true;
  ExpectError(ExitCode::kUsage, "has no complements", [&] { Stream(options); });
}

TEST_F(BatchStreamTest, CountsItsWaiting) {
  BatchStream stream = Stream(Options());
  while (stream.Next() != nullptr) {
  }
  EXPECT_GT(stream.wait_seconds(), 0.0);
  EXPECT_LT(stream.wait_seconds(), 60.0);
}

// Feature k of step t of sample i is i + t / 100 + k / 10000.
TEST(FeatureStream, PacksRealValuedRows) {
  const TempFolder folder;
  CorpusInfo header;
  header.schema = TwoFieldSchema({.type = ElementType::kFloat32, .width = 3}, {}, {},
                                 {"classes", {"a", "b"}, {}, -1});
  CorpusWriter writer(folder.path(), header, {"train"});
  const auto value = [](Index i, Index t, Index k) {
    return static_cast<float>(static_cast<double>(i) + t / 100.0 + k / 10000.0);
  };
  for (Index i = 0; i < 9; ++i) {
    std::vector<float> features;
    const std::vector<std::uint8_t> targets(static_cast<std::size_t>(5 + i), 1);
    for (Index t = 0; t < 5 + i; ++t) {
      for (Index k = 0; k < 3; ++k) features.push_back(value(i, t, k));
    }
    writer.Add("train",
               {{std::as_bytes(std::span(features)), std::as_bytes(std::span(targets))}, 5 + i});
  }
  const CorpusInfo info = writer.Finish("{}");
  StreamOptions options;
  options.last_epoch = 0;
  BatchStream stream(folder.path(), info, "train", options, {0, 8}, {});
  const auto batch = stream.Next();
  ASSERT_EQ(batch->sequences, 9);
  for (const SlotBatch& slot : batch->slots) {
    EXPECT_TRUE(slot.fields[0].ids.empty());
    for (Index b = 0; b < slot.layout.sequences(); ++b) {
      const Index i = static_cast<Index>(slot.sample_ids[static_cast<std::size_t>(b)]);
      for (Index t = 0; t < slot.layout.Length(b); ++t) {
        for (Index k = 0; k < 3; ++k) {
          ASSERT_EQ(slot.fields[0].values[slot.layout.Row(t, b) * 3 + k], value(i, t, k));
        }
      }
    }
  }
}

}  // namespace
}  // namespace lockstep
