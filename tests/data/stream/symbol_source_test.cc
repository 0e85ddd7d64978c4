// Batches of a corpus that is one stream of symbols.
#include "data/stream/symbol_source.h"

#include <gtest/gtest.h>

#include <map>
#include <numeric>

#include "data/corpus/corpus_writer.h"
#include "data/stream/batch_stream.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

constexpr int kSymbols = 400, kStart = 399;

CorpusInfo StreamHeader() {
  CorpusInfo header;
  header.kind = "symbols";
  Vocabulary vocabulary{"symbols", {}, {}, -1};
  for (int i = 0; i < kSymbols; ++i) vocabulary.names.push_back(std::to_string(i));
  vocabulary.start = kStart;
  header.schema.vocabularies = {vocabulary};
  header.schema.fields = {{.name = "inputs", .type = ElementType::kInt32, .vocabulary = 0}};
  header.schema.predicts_next = true;
  return header;
}

// A corpus whose symbol number i is i, in blocks of `block` symbols and shards of two blocks.
CorpusInfo WriteCounted(const std::string& folder, Index count, Index block) {
  CorpusWriter writer(folder, StreamHeader(), {"train"}, 2 * block * 4);
  std::vector<std::int32_t> ids(static_cast<std::size_t>(count));
  std::iota(ids.begin(), ids.end(), 0);
  for (Index first = 0; first < count; first += block) {
    const Index size = std::min(block, count - first);
    const auto part =
        std::span(ids).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(size));
    writer.Add("train", {{std::as_bytes(part)}, size});
  }
  return writer.Finish("{}");
}

class SymbolSourceTest : public testing::Test {
 protected:
  static StreamOptions Options(Index streams, Index slots, Index part_steps) {
    StreamOptions options;
    options.plan.batch_sequences = streams;
    options.plan.slots = slots;
    options.part_steps = part_steps;
    options.last_epoch = 0;
    return options;
  }
  void Write(Index count, Index block) { info_ = WriteCounted(folder_.path(), count, block); }
  BatchStream Open(const StreamOptions& options, SlotRange range, Cursor start = {}) {
    return BatchStream(folder_.path(), info_, "train", options, range, start);
  }
  // How often each symbol is a target; checks that its input is the symbol before it.
  std::vector<int> CountTargets(const StreamOptions& options, SlotRange range) {
    std::vector<int> counts(static_cast<std::size_t>(info_.Split("train").steps), 0);
    BatchStream stream = Open(options, range);
    while (const auto batch = stream.Next()) {
      for (const SlotBatch& slot : batch->slots) {
        for (std::size_t row = 0; row < slot.fields[1].ids.size(); ++row) {
          const std::int32_t target = slot.fields[1].ids[row];
          EXPECT_EQ(slot.fields[0].ids[row], target == 0 ? kStart : target - 1);
          ++counts[static_cast<std::size_t>(target)];
        }
      }
    }
    return counts;
  }

  TempFolder folder_;
  CorpusInfo info_;
};

TEST_F(SymbolSourceTest, EverySymbolIsATargetExactlyOnceInAnEpoch) {
  Write(101, 7);
  for (const Index streams : {1, 5, 8, 101}) {
    for (const Index slots : {1, 3}) {
      for (const Index steps : {4, 35, 200}) {
        const auto counts = CountTargets(Options(streams, slots, steps), {0, slots});
        EXPECT_EQ(counts, std::vector<int>(101, 1)) << streams << " " << slots << " " << steps;
      }
    }
  }
}

TEST_F(SymbolSourceTest, RanksReadTheirOwnSlotsOnly) {
  Write(90, 16);
  const StreamOptions options = Options(5, 4, 6);
  std::vector<int> sum(90, 0);
  for (const SlotRange range : {SlotRange{0, 1}, SlotRange{1, 3}, SlotRange{3, 4}}) {
    const auto counts = CountTargets(options, range);
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += counts[i];
  }
  EXPECT_EQ(sum, std::vector<int>(90, 1));
}

TEST_F(SymbolSourceTest, AStreamGoesOnWhereThePartBeforeHasEnded) {
  Write(100, 9);
  BatchStream stream = Open(Options(3, 2, 10), {0, 2});
  std::map<Index, std::int32_t> last;  // by slot and place in it
  Index parts = 0;
  while (const auto batch = stream.Next()) {
    EXPECT_EQ(batch->cursor, (Cursor{0, 0, parts++}));
    EXPECT_EQ(batch->begun, batch->cursor.part == 0 ? 3 : 0);
    for (Index s = 0; s < 2; ++s) {
      const SlotBatch& slot = batch->slots[static_cast<std::size_t>(s)];
      for (Index b = 0; b < slot.layout.sequences(); ++b) {
        const auto first = static_cast<std::size_t>(slot.layout.Row(0, b));
        const bool begins = batch->cursor.part == 0;
        EXPECT_TRUE(begins || slot.fields[0].ids[first] == last[2 * s + b]);
        const Index end = slot.layout.Row(slot.layout.Length(b) - 1, b);
        last[2 * s + b] = slot.fields[1].ids[static_cast<std::size_t>(end)];
      }
    }
  }
  EXPECT_EQ(parts, 4);  // the longest stream has 34 symbols
}

TEST_F(SymbolSourceTest, AStreamThatStartsInTheMiddleGivesTheSameBatches) {
  Write(100, 9);
  const StreamOptions options = Options(4, 2, 7);
  BatchStream whole = Open(options, {0, 2}), resumed = Open(options, {0, 2}, {0, 0, 2});
  whole.Next();
  whole.Next();
  while (const auto expected = whole.Next()) {
    const auto found = resumed.Next();
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->cursor, expected->cursor);
    for (std::size_t s = 0; s < 2; ++s)
      EXPECT_EQ(found->slots[s].fields[1].ids, expected->slots[s].fields[1].ids);
  }
  EXPECT_EQ(resumed.Next(), nullptr);
}

TEST_F(SymbolSourceTest, AnotherEpochBeginsBehindTheLastPart) {
  Write(20, 9);
  StreamOptions options = Options(2, 1, 6);
  options.last_epoch = 1;
  BatchStream stream = Open(options, {0, 1}, {0, 0, 1});
  EXPECT_EQ(stream.Next()->cursor, (Cursor{0, 0, 1}));
  EXPECT_EQ(stream.cursor(), (Cursor{1, 0, 0}));
  EXPECT_EQ(stream.Next()->cursor, (Cursor{1, 0, 0}));
  EXPECT_EQ(stream.Next()->cursor, (Cursor{1, 0, 1}));
  EXPECT_EQ(stream.Next(), nullptr);
}

TEST_F(SymbolSourceTest, EvaluationCutsIntoStreamsOfItsOwn) {
  Write(40, 9);
  StreamOptions training = Options(8, 2, 5);
  training.validation_streams = 4;
  EXPECT_EQ(StreamsOf(info_.Split("train"), EvaluationStream(training)), 4);
  EXPECT_EQ(CountTargets(EvaluationStream(training), {0, 2}), std::vector<int>(40, 1));
  training.validation_streams = 16;
  EXPECT_EQ(StreamsOf(info_.Split("train"), EvaluationStream(training)), 8)
      << "no more than for training, for which there is memory";
}

TEST_F(SymbolSourceTest, OptionsThatAStreamCannotHaveAreRefused) {
  Write(40, 9);
  ExpectError(ExitCode::kUsage, "set batch.sequences to 40 or less", [&] {
    Open(Options(41, 2, 5), {0, 2});
  });
  ExpectError(ExitCode::kUsage, "train.bptt_steps = 35", [&] { Open(Options(4, 2, 0), {0, 2}); });
  StreamOptions cut = Options(4, 2, 5);
  cut.plan.cut_steps = 3;
  ExpectError(ExitCode::kUsage, "leave out data.cut_steps", [&] { Open(cut, {0, 2}); });
  BatchStream behind = Open(Options(4, 2, 5), {0, 2}, {0, 0, 2});
  ExpectError(ExitCode::kUsage, "an epoch of the stream has 2 parts", [&] { behind.Next(); });
}

TEST_F(SymbolSourceTest, ADamagedBlockIsNamed) {
  Write(40, 9);
  const ShardInfo& shard = info_.Split("train").shards[1];
  std::string bytes = Slurp(folder_ / shard.file);
  bytes[static_cast<std::size_t>(shard.places.fields[0].values)] ^= 1;
  Spill(folder_ / shard.file, bytes);
  BatchStream stream = Open(Options(1, 1, 100), {0, 1});
  ExpectError(ExitCode::kBadData, "train-00001.h5: dataset \"inputs\" record 0",
              [&] { stream.Next(); });
}

TEST_F(SymbolSourceTest, ACorpusSaysThatItIsAStream) {
  Write(40, 9);
  EXPECT_EQ(FormatVersionOf(info_), 4);
  const CorpusInfo read = ReadCorpusInfo(folder_.path());
  EXPECT_EQ(read.schema, info_.schema);
  EXPECT_TRUE(read.is_stream());
  EXPECT_EQ(read.Split("train").label_counts[39], 1);
  EXPECT_EQ(read.Split("train").label_counts[40], 0);
  const Schema batches = BatchSchema(read, Options(1, 1, 1));
  EXPECT_EQ(batches.Target(), std::size_t{1});
  EXPECT_TRUE(batches.predicts_next);
  EXPECT_FALSE(batches.HasDerivedTarget());
}

TEST(StreamSchema, NeedsASymbolToStandBeforeTheFirst) {
  Schema schema = StreamHeader().schema;
  EXPECT_EQ(FindSchemaProblem(schema), std::nullopt);
  schema.vocabularies[0].start = -1;
  EXPECT_NE(FindSchemaProblem(schema), std::nullopt);
  schema.vocabularies[0].start = kSymbols;
  EXPECT_NE(FindSchemaProblem(schema), std::nullopt);
  schema = StreamHeader().schema;
  schema.fields[0].width = 2;
  EXPECT_NE(FindSchemaProblem(schema), std::nullopt);
}

}  // namespace
}  // namespace lockstep
