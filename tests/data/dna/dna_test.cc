#include "data/dna/dna.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "data/corpus/shard_reader.h"
#include "tests/data/gzip_bytes.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

class Dna : public testing::Test {
 protected:
  Dna() {
    options_.files.fastas = {folder_ / "g.fa"};
    options_.files.gffs = {folder_ / "g.gff"};
    options_.out = folder_ / "corpus";
    options_.cut.ranges.train = "1-";
    Spill(options_.files.fastas[0], ">one\nACGTACGTAC\n>two x\nnnGGG\n");
  }
  static std::string Row(const std::string& seqid, Index start, Index end, char strand,
                         const std::string& type = "CDS") {
    return fmt::format("{}\tsrc\t{}\t{}\t{}\t.\t{}\t0\t.\n", seqid, type, start, end, strand);
  }
  static std::string CircularRow(const std::string& seqid, Index end) {
    return fmt::format("{0}\tsrc\tregion\t1\t{1}\t.\t+\t.\tID={0};Is_circular=true\n", seqid, end);
  }
  DnaSummary Prepare(const std::string& rows) {
    Spill(options_.files.gffs[0], "##gff-version 3\n" + rows);
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
  // The ids of all samples of a split, one after another.
  std::vector<int> Ids(const CorpusInfo& info, const std::string& split) {
    std::vector<int> ids;
    ShardReader reader(options_.out, info, info.Split(split).shards[0]);
    for (Index r = 0; r < reader.sequences(); ++r)
      for (std::byte b : reader.Read(0, r)) ids.push_back(std::to_integer<int>(b));
    return ids;
  }
  void ExpectRefused(const std::string& rows, const std::string& message) {
    ExpectError(ExitCode::kBadData, options_.files.gffs[0] + message, [&] { Prepare(rows); });
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
  EXPECT_EQ(summary.annotation.cds_rows, 2);
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
  Spill(options_.files.fastas[0], GzipBytes(Slurp(options_.files.fastas[0])));
  const DnaSummary packed = Prepare(rows);
  EXPECT_EQ(packed.info.Split("train").shards[0].frame_hash,
            plain.info.Split("train").shards[0].frame_hash);
}

TEST_F(Dna, ProvenanceNamesSourcesWithoutFolders) {
  const DnaSummary summary = Prepare(Row("one", 2, 4, '+'));
  const auto provenance = ParseJson(summary.info.provenance);
  EXPECT_EQ(provenance["fasta"]["file"], "g.fa");
  EXPECT_EQ(provenance["fasta"]["bytes"], Slurp(options_.files.fastas[0]).size());
  EXPECT_EQ(provenance["gff"]["hash"].get<std::string>().size(), 32u);
  EXPECT_EQ(provenance["ranges"]["train"], "1-15");
}

TEST_F(Dna, RowsOverTheOriginOfACircularSequenceGoOnAtItsBegin) {
  const DnaSummary summary =
      Prepare(Row("one", 9, 12, '+') + Row("one", 5, 6, '-') + CircularRow("one", 10));
  EXPECT_EQ(Samples(summary.info)[0], "ACGTACGTAC/++..--..++");
  EXPECT_EQ(summary.annotation.cds_rows, 2);
  EXPECT_EQ(summary.annotation.origin_rows, 1);
  options_.out = folder_ / "minus";
  EXPECT_EQ(Samples(Prepare(CircularRow("one", 10) + Row("one", 10, 19, '-')).info)[0],
            "ACGTACGTAC/----------");
}

TEST_F(Dna, RowsOverTheOriginMustFitTheCircle) {
  const std::string problem = " runs off the end of sequence \"one\", which has 10 bases in " +
                              options_.files.fastas[0] + "; it is circular, so";
  ExpectRefused(CircularRow("one", 10) + Row("one", 10, 20, '+'), ":3: CDS row 10-20" + problem);
  ExpectRefused(CircularRow("one", 10) + Row("one", 11, 12, '+'), ":3: CDS row 11-12" + problem);
  ExpectRefused(CircularRow("two", 5) + Row("one", 9, 12, '+'), ":3: CDS row 9-12 runs off");
}

TEST_F(Dna, RegionsAreComparedWithTheSequences) {
  ExpectRefused("##sequence-region one 1 24\n" + Row("one", 2, 4, '+'),
                ":2: says that sequence \"one\" has 24 bases (##sequence-region 1 24), " +
                    options_.files.fastas[0] +
                    " has 10 of it; is it the annotation of this assembly?");
  const DnaSummary summary = Prepare(
      "##sequence-region one 1 9\n##sequence-region two 2 4\n##sequence-region gone 1 7\n"
      "##sequence-region two x\n" +
      Row("one", 2, 4, '+'));
  ASSERT_EQ(summary.annotation.warnings.size(), 2u);
  EXPECT_EQ(summary.annotation.warnings[0].substr(options_.files.gffs[0].size(), 40),
            ":2: says that sequence \"one\" has 9 bases");
  EXPECT_NE(summary.annotation.warnings[1].find(":5: the line cannot be read"), std::string::npos);
}

TEST_F(Dna, OtherNamesOfCdsCountAndOtherRowsAreCounted) {
  const DnaSummary summary =
      Prepare(Row("one", 1, 1, '+', "cds") + Row("one", 3, 3, '-', "SO:0000316") +
              Row("one", 5, 5, '+') + Row("one", 1, 9, '+', "gene") +
              Row("two", 1, 2, '+', "gene") + Row("one", 7, 7, '+', "stop_codon"));
  EXPECT_EQ(Samples(summary.info)[0], "ACGTACGTAC/+.-.+.....");
  EXPECT_EQ(summary.annotation.cds_rows, 3);
  EXPECT_EQ(RowsText(summary.annotation.other_rows), "\"gene\" 2, \"stop_codon\" 1");
  EXPECT_EQ(summary.annotation.bare_records, std::vector<std::string>{"two"});
  options_.out = folder_ / "none";
  ExpectRefused(Row("one", 1, 3, '+', "exon"),
                ": has no CDS row, so every base would be \"other\" (its rows are of the types "
                "\"exon\" 1)");
}

TEST_F(Dna, StopCodonsOfGtfAreCoding) {
  const std::string gene = "gene_id \"g\"; transcript_id \"t\";\n";
  const auto row = [&](const char* type, Index start, Index end) {
    return fmt::format("one\tsrc\t{}\t{}\t{}\t.\t+\t0\t{}", type, start, end, gene);
  };
  Spill(options_.files.gffs[0],
        "#!genome-build x\n" + row("gene", 1, 9) + row("CDS", 1, 3) + row("stop_codon", 4, 6));
  const DnaSummary summary = PrepareDna(options_);
  EXPECT_EQ(Samples(summary.info)[0], "ACGTACGTAC/++++++....");
  EXPECT_EQ(summary.annotation.stop_rows, 1);
  EXPECT_EQ(summary.annotation.cds_rows, 1);
}

TEST_F(Dna, LoneCarriageReturnsEndLinesOfBothFiles) {
  Spill(options_.files.fastas[0], ">one\rACGTA\rCGTAC\r>two x\rnnGGG\r");
  Spill(options_.files.gffs[0],
        "##gff-version 3\rone\tsrc\tCDS\t2\t4\t.\t+\t0\t.\rtwo\tsrc\tCDS\t1\t1\t.\t-\t0\t.\r");
  EXPECT_EQ(Samples(PrepareDna(options_).info)[0], "ACGTACGTAC/.+++......");
}

TEST_F(Dna, RowsThatDoNotFitTheSequenceAreNamed) {
  ExpectRefused(Row("one", 1, 3, '+') + Row("three", 1, 3, '+'),
                ":3: CDS row on sequence \"three\", which " + options_.files.fastas[0] +
                    " does not have; its first is \"one\"");
  ExpectRefused(Row("one", 8, 11, '+'),
                ":2: CDS row 8-11 runs off the end of sequence \"one\", which has 10 bases");
  ExpectRefused(Row("two", 1, 3, '.'),
                ":2: CDS row 1-3 on sequence \"two\" (5 bases) has strand ., allowed: + -");
  ExpectRefused(Row("one", 1, 3, '+', "gene"), ": has no CDS row");
  ExpectRefused("", ": has no CDS row");
}

TEST_F(Dna, RecordsOfTheSameNameAreRefused) {
  Spill(options_.files.fastas[0], ">one\nA\n>two\nC\n>one\nG\n");
  ExpectError(ExitCode::kBadData, "g.fa:5: record \"one\" is there twice",
              [&] { Prepare(Row("one", 1, 1, '+')); });
}

TEST_F(Dna, FilesInPairsMayHaveRecordsOfTheSameName) {
  options_.files = {{folder_ / "a.fa", folder_ / "b.fa"}, {folder_ / "a.gff", folder_ / "b.gff"}};
  Spill(folder_ / "a.fa", ">one\nACGT\n");
  Spill(folder_ / "b.fa", ">one\nGGGTT\n");
  Spill(folder_ / "a.gff", Row("one", 1, 2, '+'));
  Spill(folder_ / "b.gff", Row("one", 4, 5, '-'));
  const DnaSummary summary = PrepareDna(options_);
  EXPECT_EQ(Samples(summary.info), (std::vector<std::string>{"ACGT/++..", "GGGTT/...--"}));
  const auto provenance = ParseJson(summary.info.provenance);
  EXPECT_EQ(provenance["fasta"][1]["file"], "b.fa");
  EXPECT_EQ(provenance["gff"].size(), 2u);
}

TEST_F(Dna, OtherNumbersOfFilesDescribeAllSequences) {
  options_.files.fastas = {folder_ / "a.fa", folder_ / "b.fa"};
  Spill(folder_ / "a.fa", ">one\nACGT\n");
  Spill(folder_ / "b.fa", ">two\nGGGTT\n");
  EXPECT_EQ(Samples(Prepare(Row("two", 4, 5, '-') + Row("one", 1, 2, '+')).info),
            (std::vector<std::string>{"ACGT/++..", "GGGTT/...--"}));
  Spill(folder_ / "b.fa", "\n>one\nGGGTT\n");
  options_.out = folder_ / "second";
  ExpectError(ExitCode::kBadData, "b.fa:2: record \"one\" is in " + (folder_ / "a.fa") + ", too",
              [&] { Prepare(Row("one", 1, 2, '+')); });
}

TEST_F(Dna, PairsInTheWrongOrderAreExplained) {
  options_.files = {{folder_ / "a.fa", folder_ / "b.fa"}, {folder_ / "b.gff", folder_ / "a.gff"}};
  Spill(folder_ / "a.fa", ">one\nACGT\n");
  Spill(folder_ / "b.fa", ">two\nGGGTT\n");
  Spill(folder_ / "a.gff", Row("one", 1, 2, '+'));
  Spill(folder_ / "b.gff", Row("two", 4, 5, '-'));
  ExpectError(
      ExitCode::kBadData,
      fmt::format("b.gff:1: CDS row on sequence \"two\", which {} does not have; {} has it; "
                  "the first --gff describes the first --fasta",
                  folder_ / "a.fa", folder_ / "b.fa"),
      [&] { PrepareDna(options_); });
}

TEST_F(Dna, RecordsMayBeSplitsByName) {
  options_.cut.ranges = {};
  options_.cut.ranges.test_records = "t*";
  const DnaSummary summary = Prepare(Row("one", 2, 4, '+'));
  EXPECT_EQ(Samples(summary.info), std::vector<std::string>{"ACGTACGTAC/.+++......"});
  EXPECT_EQ(summary.info.Split("test").steps, 5);
  EXPECT_EQ(ParseJson(summary.info.provenance)["ranges"]["test"], "11-15");
}

// "one" has a GC share of 50 %, "two" one of 100 %: bins 2 and 3 of 4, whose ids begin at 10
// and 15.
TEST_F(Dna, IdsSayTheGcBinOfTheirRecord) {
  options_.gc_bins = GcBins(4);
  const DnaSummary summary = Prepare(Row("one", 2, 4, '+'));
  EXPECT_EQ(Ids(summary.info, "train"),
            (std::vector<int>{10, 11, 12, 13, 10, 11, 12, 13, 10, 11, 19, 19, 17, 17, 17}));
  EXPECT_EQ(summary.bin_bases, (std::vector<Index>{0, 0, 10, 5}));
  EXPECT_EQ(FormatVersionOf(summary.info), 3);
}

TEST_F(Dna, RecordsInGcBinsWithoutTrainingBasesGetTheNearestOfThose) {
  options_.cut.ranges = {"1-10", "", "11-"};
  options_.gc_bins = GcBins(4);
  const DnaSummary summary = Prepare(Row("one", 2, 4, '+'));
  EXPECT_EQ(Ids(summary.info, "test"), (std::vector<int>{14, 14, 12, 12, 12}));
  EXPECT_EQ(summary.info.task, R"({"gc_bins":[2,2,2,2],"gc_percent":[25,75],"task":"label"})");
  options_.out = folder_ / "as they are";
  options_.join_rare_bins = false;
  EXPECT_EQ(Ids(PrepareDna(options_).info, "test"), (std::vector<int>{19, 19, 17, 17, 17}));
}

TEST_F(Dna, ExistingCorpusIsRefusedBeforeAnythingIsRead) {
  Prepare(Row("one", 2, 4, '+'));
  options_.files.fastas = {"/nowhere/at/all"};
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
  std::filesystem::remove(options_.files.fastas[0]);
  ExpectError(ExitCode::kMissingInput, "g.fa: No such file or directory",
              [&] { Prepare(Row("one", 2, 4, '+')); });
}

}  // namespace
}  // namespace lockstep
