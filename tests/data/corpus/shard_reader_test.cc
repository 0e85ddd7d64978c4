#include "data/corpus/shard_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <limits>

#include "base/hdf5_file.h"
#include "base/raw_file.h"
#include "tests/data/small_corpus.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

TEST(ShardReader, GivesBackWhatWasWritten) {
  const TempFolder folder;
  const std::vector<Index> lengths{5, 1, 17};
  const CorpusInfo info = WriteDnaCorpus(folder.path(), lengths);
  ShardReader reader(folder.path(), info, info.Split("train").shards[0]);
  ASSERT_EQ(reader.sequences(), 3);
  for (Index record = 0; record < 3; ++record) {
    ASSERT_EQ(reader.Length(record), lengths[static_cast<std::size_t>(record)]);
    EXPECT_EQ(reader.SampleId(record), static_cast<std::uint64_t>(record));
    for (Index step = 0; step < reader.Length(record); ++step) {
      const auto at = static_cast<std::size_t>(step);
      EXPECT_EQ(std::to_integer<int>(reader.Read(0, record)[at]), SymbolOf(record, step));
      EXPECT_EQ(std::to_integer<int>(reader.Read(1, record)[at]), TargetOf(record, step));
    }
  }
}

TEST(ShardReader, ReadsOnAfterItsFileWasClosed) {
  const TempFolder folder;
  const CorpusInfo info = WriteDnaCorpus(folder.path(), {5});
  ShardReader reader(folder.path(), info, info.Split("train").shards[0]);
  reader.Close();
  EXPECT_FALSE(reader.is_open());
  EXPECT_EQ(std::to_integer<int>(reader.Read(0, 0)[1]), SymbolOf(0, 1));
  EXPECT_TRUE(reader.is_open());
}

// Every range of rows of a record of two and a half blocks, at distances of a prime number, is
// compared with the whole record.
TEST(ShardReader, ReadsRowsAsTheyAreInTheWholeRecord) {
  const TempFolder folder;
  constexpr Index kSteps = ShardReader::kBlockBytes * 5 / 2;
  const CorpusInfo info = WriteDnaCorpus(folder.path(), {3, kSteps});
  ShardReader reader(folder.path(), info, info.Split("train").shards[0]);
  for (std::size_t f = 0; f < 2; ++f) {
    const std::span<const std::byte> read = reader.Read(f, 1);
    const std::vector<std::byte> whole(read.begin(), read.end());
    for (Index first = 0; first < kSteps; first += 997) {
      for (Index count = 0; first + count <= kSteps; count += 1009) {
        const std::span<const std::byte> rows = reader.ReadRows(f, 1, first, count);
        ASSERT_EQ(std::ssize(rows), count);
        ASSERT_TRUE(std::equal(rows.begin(), rows.end(), whole.begin() + first));
      }
    }
  }
}

// The block of the damage is noticed, and no other one is read.
TEST(ShardReader, FindsDamageThatCameAfterTheFirstRead) {
  const TempFolder folder;
  constexpr Index kBlock = ShardReader::kBlockBytes;
  const CorpusInfo info = WriteDnaCorpus(folder.path(), {3 * kBlock});
  const ShardInfo& shard = info.Split("train").shards[0];
  ShardReader reader(folder.path(), info, shard);
  reader.ReadRows(0, 0, 0, 5);
  RawFile file = RawFile::OpenForWriting(folder.path() + "/" + shard.file);
  const std::byte damaged{1};
  ASSERT_NE(SymbolOf(0, kBlock + 9), 1);
  file.WriteAt(shard.places.fields[0].values + kBlock + 9, std::span(&damaged, 1));
  reader.ReadRows(0, 0, 0, kBlock);
  reader.ReadRows(0, 0, 2 * kBlock, kBlock);
  ExpectError(ExitCode::kBadData, "dataset \"inputs\" record 0 (sample 0): the bytes have changed",
              [&] { reader.ReadRows(0, 0, kBlock - 1, 2); });
  reader.DropTables();
  reader.TakeTables();
  ExpectError(ExitCode::kBadData, "checksum does not match", [&] { reader.ReadRows(0, 0, 0, 5); });
}

// Feature k of step t of the only sample is t + k / 100; targets are wide classes.
TEST(ShardReader, ReadsRealValuedInputsAndWideClasses) {
  const TempFolder folder;
  CorpusInfo header;
  header.kind = "frames";
  header.schema =
      TwoFieldSchema({.type = ElementType::kFloat32, .width = 3}, {}, {.type = ElementType::kInt32},
                     {"classes", std::vector<std::string>(1000, "class"), {}, -1});
  const std::vector<float> features{0.0f, 0.01f, 0.02f, 1.0f, 1.01f, 1.02f};
  const std::vector<std::int32_t> targets{999, kIgnoredTarget};
  CorpusWriter writer(folder.path(), header, {"train"});
  writer.Add("train", {{std::as_bytes(std::span(features)), std::as_bytes(std::span(targets))}, 2});
  const CorpusInfo info = writer.Finish("{}");
  EXPECT_EQ(info.Split("train").label_counts[999], 1);
  ShardReader reader(folder.path(), info, info.Split("train").shards[0]);
  EXPECT_EQ(reinterpret_cast<const float*>(reader.Read(0, 0).data())[5], 1.02f);
  EXPECT_EQ(reinterpret_cast<const std::int32_t*>(reader.Read(1, 0).data())[0], 999);
  EXPECT_EQ(reinterpret_cast<const std::int32_t*>(reader.Read(1, 0).data())[1], -1);
}

TEST(ShardReader, NamesAMissingFile) {
  const TempFolder folder;
  const CorpusInfo info = WriteDnaCorpus(folder.path(), {5});
  std::filesystem::remove(folder / "train-00000.h5");
  ExpectError(ExitCode::kMissingInput, "train-00000.h5: No such file or directory",
              [&] { ShardReader(folder.path(), info, info.Split("train").shards[0]); });
}

TEST(ShardReader, NamesATruncatedFileWithBothSizes) {
  const TempFolder folder;
  const CorpusInfo info = WriteDnaCorpus(folder.path(), {5});
  const std::string bytes = Slurp(folder / "train-00000.h5");
  Spill(folder / "train-00000.h5", bytes.substr(0, bytes.size() - 1));
  ExpectError(ExitCode::kBadData,
              fmt::format("has {} bytes, corpus.json says {}", bytes.size() - 1, bytes.size()),
              [&] { ShardReader(folder.path(), info, info.Split("train").shards[0]); });
}

TEST(ShardReader, RefusesTheShardOfAnotherPlace) {
  const TempFolder folder;
  const CorpusInfo info = WriteDnaCorpus(folder.path(), {20, 20}, 40);
  std::filesystem::rename(folder / "train-00001.h5", folder / "train-00000.h5");
  ExpectError(ExitCode::kBadData, "they are damaged, or the shard is of another corpus",
              [&] { ShardReader(folder.path(), info, info.Split("train").shards[0]); });
}

// What other programs see: the datasets of docs/shard_format.md.
TEST(Shard, IsAnHdf5FileWithTheDocumentedDatasets) {
  const TempFolder folder;
  const CorpusInfo info = WriteDnaCorpus(folder.path(), {5, 1, 17});
  const Hdf5File file = Hdf5File::Open(folder / "train-00000.h5");
  EXPECT_EQ(file.Datasets(),
            (std::vector<std::string>{"format_version", "inputs", "inputs_checksums", "offsets",
                                      "sample_ids", "targets", "targets_checksums"}));
  EXPECT_EQ(file.Read<std::int32_t>("format_version"), std::vector<std::int32_t>{1});
  EXPECT_EQ(file.Read<std::int64_t>("offsets"), (std::vector<std::int64_t>{0, 5, 6, 23}));
  EXPECT_EQ(file.Read<std::uint64_t>("sample_ids"), (std::vector<std::uint64_t>{0, 1, 2}));
  const auto inputs = file.Read<std::uint8_t>("inputs");
  ASSERT_EQ(inputs.size(), 23u);
  EXPECT_EQ(inputs[5], SymbolOf(1, 0));
  EXPECT_EQ(inputs[22], SymbolOf(2, 16));
  EXPECT_EQ(file.Read<std::uint8_t>("targets")[22], TargetOf(2, 16));
}

// Arrays of a byte or two, equal inputs and targets, nothing but zeros: places must still be right.
TEST(Shard, OfAnySizeIsReadThroughHdf5AndDirectlyAlike) {
  for (Index length : {1, 2, 3, 4, 7, 8, 31, 500, 3000}) {
    const TempFolder folder;
    CorpusWriter writer(folder.path(), DnaHeader(), {"train"});
    const std::vector<std::uint8_t> zeros(static_cast<std::size_t>(length), 0);
    writer.Add("train",
               {{std::as_bytes(std::span(zeros)), std::as_bytes(std::span(zeros))}, length});
    const CorpusInfo info = writer.Finish("{}");
    const Hdf5File file = Hdf5File::Open(folder / "train-00000.h5");
    EXPECT_EQ(file.Read<std::uint8_t>("inputs"), zeros);
    EXPECT_EQ(file.Read<std::uint8_t>("targets"), zeros);
    EXPECT_EQ(file.Read<std::int64_t>("offsets"), (std::vector<std::int64_t>{0, length}));
    EXPECT_EQ(file.Read<std::uint64_t>("sample_ids"), std::vector<std::uint64_t>{0});
    VerifyShard(folder.path(), info, info.Split("train").shards[0]);
  }
}

}  // namespace
}  // namespace lockstep
