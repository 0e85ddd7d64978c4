#include "data/dna/record_splits.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

class RecordSplits : public testing::Test {
 protected:
  RecordSplits() {
    genome_.records = {{"chr1", 0, 0, 10},
                       {"chr2", 0, 10, 5},
                       {"plasmid-A", 0, 15, 5},
                       {"chr1", 1, 20, 7},
                       {"chr8", 1, 27, 3}};
    genome_.bases = 30;
  }
  // "train 1-10 valid 11-15 ...".
  std::string Ranges(const SplitRangeOptions& options) {
    std::string text;
    for (const SplitRange& range :
         ResolveRanges(options, genome_.bases, RangesOfRecords(options, files_, genome_)))
      text += fmt::format("{} {}-{} ", range.split, range.begin + 1, range.end);
    return text;
  }
  void ExpectRefused(const std::string& message, const SplitRangeOptions& options) {
    ExpectError(ExitCode::kUsage, message, [&] { Ranges(options); });
  }

  GenomeFiles files_{{"in/a.fa", "in/b.fa"}, {"a.gff", "b.gff"}};
  Genome genome_;
};

TEST_F(RecordSplits, TheRestIsForTraining) {
  EXPECT_EQ(Ranges({.valid_records = "chr2", .test_records = "chr8,plasmid*"}),
            "train 1-10 valid 11-15 test 16-20 train 21-27 test 28-30 ");
  EXPECT_EQ(Ranges({.test_records = "plasmid-?"}), "train 1-15 test 16-20 train 21-30 ");
}

TEST_F(RecordSplits, PatternsForTrainingLeaveTheRestOut) {
  EXPECT_EQ(Ranges({.train_records = "chr1", .test_records = "chr8"}),
            "train 1-10 train 21-27 test 28-30 ");
}

TEST_F(RecordSplits, FilesMayBeNamed) {
  EXPECT_EQ(Ranges({.test_records = "b.fa:*"}), "train 1-20 test 21-30 ");
  EXPECT_EQ(Ranges({.train_records = "a.fa:chr1"}), "train 1-10 ");
  EXPECT_EQ(Ranges({.test_records = "in/b.fa:*"}), "train 1-20 test 21-30 ");
}

TEST_F(RecordSplits, PositionsMayStandBesideNames) {
  EXPECT_EQ(Ranges({.train = "1-8", .test_records = "chr8"}), "train 1-8 test 28-30 ");
  EXPECT_EQ(Ranges({.valid = "3-4,21-22", .test_records = "chr8"}),
            "train 1-2 valid 3-4 train 5-20 valid 21-22 train 23-27 test 28-30 ");
  ExpectRefused("--train 1-28 and --test 28-30 share the positions 28-28",
                {.train = "1-28", .test_records = "chr8"});
}

TEST_F(RecordSplits, WithoutOptionsTheFirstBasesAreForTraining) {
  EXPECT_EQ(Ranges({}), "train 1-24 valid 25-27 test 28-30 ");
}

TEST_F(RecordSplits, WhatNamesNothingOrTwoSplitsIsRefused) {
  ExpectRefused(
      "--test-records: no record matches \"chr9\"; the records are "
      "\"in/a.fa:chr1\", \"in/a.fa:chr2\"",
      {.test_records = "chr8,chr9"});
  ExpectRefused("--valid-records and --test-records both name the record \"chr8\" of in/b.fa",
                {.valid_records = "chr*", .test_records = "plasmid-A,chr8"});
}

}  // namespace
}  // namespace lockstep
