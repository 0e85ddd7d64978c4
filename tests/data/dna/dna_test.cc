#include "data/dna/dna.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "data/corpus/shard_reader.h"
#include "tests/data/gzip_bytes.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

class Dna : public testing::Test {
 protected:
  Dna() {
    options_.fasta = folder_ / "g.fa";
    options_.gff = folder_ / "g.gff";
    options_.out = folder_ / "corpus";
    options_.cut.ranges.train = "1-";
    Spill(options_.fasta, ">one\nACGTACGTAC\n>two x\nnnGGG\n");
  }
  static std::string Row(const std::string& seqid, Index start, Index end, char strand,
                         const std::string& type = "CDS") {
    return fmt::format("{}\tsrc\t{}\t{}\t{}\t.\t{}\t0\t.\n", seqid, type, start, end, strand);
  }
  DnaSummary Prepare(const std::string& rows) {
    Spill(options_.gff, "##gff-version 3\n" + rows);
    return PrepareDna(options_);
  }
  // "BASES/classes" of each sample of the training split.
  std::vector<std::string> Samples(const CorpusInfo& info) {
    std::vector<std::string> samples;
    ShardReader reader(options_.out, info, info.Split("train").shards[0]);
    for (Index r = 0; r < reader.sequences(); ++r) {
      std::string text;
      for (std::byte b : reader.Read(0, r)) text += "ACGTN"[std::to_integer<int>(b)];
      text += "/";
      for (std::byte b : reader.Read(1, r)) text += ".+-"[std::to_integer<int>(b)];
      samples.push_back(text);
    }
    return samples;
  }
  void ExpectRefused(const std::string& rows, const std::string& message) {
    ExpectError(ExitCode::kBadData, options_.gff + message, [&] { Prepare(rows); });
    EXPECT_FALSE(std::filesystem::exists(options_.out + "/corpus.json"));
  }

  TempFolder folder_;
  DnaOptions options_;
};

TEST_F(Dna, CdsRowsGiveTheClasses) {
  const DnaSummary summary =
      Prepare(Row("one", 2, 4, '+') + Row("one", 1, 10, '+', "gene") + Row("two", 5, 5, '-'));
  EXPECT_EQ(Samples(summary.info),
            (std::vector<std::string>{"ACGTACGTAC/.+++......", "NNGGG/....-"}));
  EXPECT_EQ(summary.records, 2);
  EXPECT_EQ(summary.bases, 15);
  EXPECT_EQ(summary.n_bases, 2);
  EXPECT_EQ(summary.cds_rows, 2);
  EXPECT_EQ(summary.conflict_bases, 0);
  EXPECT_EQ(summary.info.Split("train").label_counts, (std::vector<Index>{11, 3, 1}));
}

TEST_F(Dna, OfBothStrandsTheEarlierRowWinsAndIsCounted) {
  const DnaSummary summary = Prepare(Row("one", 3, 8, '-') + Row("one", 1, 5, '+'));
  EXPECT_EQ(Samples(summary.info)[0], "ACGTACGTAC/++------..");
  EXPECT_EQ(summary.conflict_bases, 3);
}

TEST_F(Dna, BasesInNoRangeAreCounted) {
  options_.cut.ranges.train = "3-6";
  const DnaSummary summary = Prepare(Row("one", 2, 4, '+'));
  EXPECT_EQ(Samples(summary.info), std::vector<std::string>{"GTAC/++.."});
  EXPECT_EQ(summary.unused_bases, 11);
}

TEST_F(Dna, PackedFilesGiveTheSameCorpus) {
  const std::string rows = Row("one", 2, 4, '+') + Row("two", 1, 5, '-');
  const DnaSummary plain = Prepare(rows);
  options_.out = folder_ / "packed";
  Spill(options_.fasta, GzipBytes(Slurp(options_.fasta)));
  const DnaSummary packed = Prepare(rows);
  EXPECT_EQ(packed.info.Split("train").shards[0].frame_hash,
            plain.info.Split("train").shards[0].frame_hash);
}

TEST_F(Dna, ProvenanceNamesSourcesWithoutFolders) {
  const DnaSummary summary = Prepare(Row("one", 2, 4, '+'));
  const auto provenance = nlohmann::json::parse(summary.info.provenance);
  EXPECT_EQ(provenance["fasta"]["file"], "g.fa");
  EXPECT_EQ(provenance["fasta"]["bytes"], Slurp(options_.fasta).size());
  EXPECT_EQ(provenance["gff"]["hash"].get<std::string>().size(), 32u);
  EXPECT_EQ(provenance["ranges"]["train"], "1-15");
}

TEST_F(Dna, RowsThatDoNotFitTheSequenceAreNamed) {
  ExpectRefused(Row("one", 1, 3, '+') + Row("three", 1, 3, '+'),
                ":3: CDS row on sequence \"three\", which " + options_.fasta +
                    " does not have; its first is \"one\"");
  ExpectRefused(Row("one", 8, 11, '+'),
                ":2: CDS row 8-11 runs off the end of sequence \"one\", which has 10 bases");
  ExpectRefused(Row("two", 1, 3, '.'),
                ":2: CDS row 1-3 on sequence \"two\" (5 bases) has strand ., allowed: + -");
  ExpectRefused(Row("one", 1, 3, '+', "gene"), ": has no CDS row");
  ExpectRefused("", ": has no CDS row");
}

TEST_F(Dna, RecordsOfTheSameNameAreRefused) {
  Spill(options_.fasta, ">one\nA\n>two\nC\n>one\nG\n");
  ExpectError(ExitCode::kBadData, "g.fa:5: record \"one\" is there twice",
              [&] { Prepare(Row("one", 1, 1, '+')); });
}

TEST_F(Dna, ExistingCorpusIsRefusedBeforeAnythingIsRead) {
  Prepare(Row("one", 2, 4, '+'));
  options_.fasta = "/nowhere/at/all";
  ExpectError(ExitCode::kCannotCreate, "remove the folder or choose another --out",
              [&] { PrepareDna(options_); });
}

TEST_F(Dna, RunAgainAfterAnErrorStartsAnew) {
  options_.cut.shard_bytes = 1;
  ExpectRefused(Row("one", 8, 11, '+'), ":2: CDS row 8-11 runs off the end");
  const DnaSummary summary = Prepare(Row("one", 2, 4, '+'));
  EXPECT_EQ(summary.info.Split("train").shards.size(), 2u);
}

TEST_F(Dna, MissingFilesAreNamed) {
  std::filesystem::remove(options_.fasta);
  ExpectError(ExitCode::kMissingInput, "g.fa: No such file or directory",
              [&] { Prepare(Row("one", 2, 4, '+')); });
}

}  // namespace
}  // namespace lockstep
