#include "data/protein/protein_corpus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/corpus/shard_reader.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

class ProteinCorpus : public testing::Test {
 protected:
  // FASTA files of training data, and of a test split where it is given.
  ProteinCorpusOptions Options(const std::string& sequences, const std::string& labels,
                               const std::string& mask = "") {
    ProteinCorpusOptions options;
    options.out = folder_ / fmt::format("corpus{}", ++corpora_);
    options.files = {Files("train", sequences, labels, mask, DataSplit::kTrain)};
    return options;
  }
  ProteinFiles Files(const std::string& name, const std::string& sequences,
                     const std::string& labels, const std::string& mask, DataSplit split) {
    const auto write = [&](const char* what, const std::string& text) {
      if (!text.empty()) Spill(folder_ / (name + what), text);
      return text.empty() ? "" : folder_ / (name + what);
    };
    return {.sequences = write(".fa", sequences),
            .labels = write("-labels.fa", labels),
            .mask = write("-mask.fa", mask),
            .split = split};
  }
  // The rows of a field of sample i of a split, as numbers.
  std::vector<int> Rows(const ProteinCorpusOptions& options, const CorpusInfo& info,
                        const std::string& split, std::size_t field, Index i) {
    ShardReader reader(options.out, info, info.Split(split).shards[0]);
    std::vector<int> rows;
    for (const std::byte row : reader.Read(field, i)) rows.push_back(std::to_integer<int>(row));
    return rows;
  }
  void ExpectRefused(const ProteinCorpusOptions& options, const std::string& message,
                     ExitCode code = ExitCode::kBadData) {
    ExpectError(code, message, [&] { PrepareProteins(options); });
  }

  TempFolder folder_;
  int corpora_ = 0;
};

using Numbers = std::vector<int>;

TEST_F(ProteinCorpus, ResiduesAndStatesAreIds) {
  const ProteinCorpusOptions options = Options(">a\nACXw\n>b\nY*\n", ">a\nHE_H\n>b\nE\n");
  const ProteinSummary summary = PrepareProteins(options);
  EXPECT_EQ(summary.info.classes(), (std::vector<std::string>{"E", "H", "_"}));
  EXPECT_EQ(summary.info.symbols().size(), 21);
  EXPECT_EQ(Rows(options, summary.info, "train", 0, 0), (Numbers{0, 1, 20, 18}));
  EXPECT_EQ(Rows(options, summary.info, "train", 1, 0), (Numbers{1, 0, 2, 1}));
  EXPECT_EQ(Rows(options, summary.info, "train", 0, 1), (Numbers{19}));
  EXPECT_EQ(summary.splits[0].residues, 5);
  EXPECT_EQ(summary.splits[0].unknown, 1);
}

TEST_F(ProteinCorpus, MaskedAndUnknownLabelsAreNotCounted) {
  const ProteinCorpusOptions options = Options(">a\nACDEF\n", ">a\nHE?HE\n", ">a\n01101\n");
  const ProteinSummary summary = PrepareProteins(options);
  EXPECT_EQ(Rows(options, summary.info, "train", 1, 0), (Numbers{255, 0, 255, 255, 0}));
  EXPECT_EQ(summary.splits[0].counted, 2);
  EXPECT_EQ(summary.splits[0].residues, 5);
}

TEST_F(ProteinCorpus, EightStatesBecomeThreeInAFixedOrder) {
  ProteinCorpusOptions options = Options(">a\nACDEFGHI\n", ">a\nCSTBEIGH\n");
  options.three_states = true;
  const ProteinSummary summary = PrepareProteins(options);
  EXPECT_EQ(summary.info.classes(), (std::vector<std::string>{"H", "E", "C"}));
  EXPECT_EQ(Rows(options, summary.info, "train", 1, 0), (Numbers{2, 2, 2, 1, 1, 0, 0, 0}));
}

TEST_F(ProteinCorpus, CodingDnaIsTranslated) {
  ProteinCorpusOptions options = Options(">a\nATGAAATGGTAA\n", ">a\nHEH\n");
  options.genetic_code = 11;
  const ProteinSummary summary = PrepareProteins(options);
  EXPECT_EQ(Rows(options, summary.info, "train", 0, 0), (Numbers{10, 8, 18}));
}

TEST_F(ProteinCorpus, SplitsAreDrawnFromTheTrainingProteins) {
  std::string sequences, labels;
  for (int i = 0; i < 40; ++i) {
    sequences += fmt::format(">p{}\nMK\n", i);
    labels += fmt::format(">p{}\nHE\n", i);
  }
  ProteinCorpusOptions options = Options(sequences, labels);
  options.draw.valid_fraction = 0.25;
  const ProteinSummary summary = PrepareProteins(options);
  EXPECT_EQ(summary.splits[0].proteins, 30);
  EXPECT_EQ(summary.splits[1].proteins, 10);
  options.out = folder_ / "other";
  EXPECT_EQ(PrepareProteins(options).info.hash, summary.info.hash);
  options.out = folder_ / "third";
  options.files.push_back(Files("valid", ">v\nMK\n", ">v\nHE\n", "", DataSplit::kValid));
  ExpectRefused(options, "is of the valid split already", ExitCode::kUsage);
}

TEST_F(ProteinCorpus, ProteinsOfTheTestThatAreInTrainingAreTold) {
  ProteinCorpusOptions options = Options(">a\nACD\n>b\nY\n", ">a\nHEH\n>b\nE\n");
  options.files.push_back(
      Files("test", ">c\nACD\n>d\nACE\n", ">c\nHHH\n>d\nHEH\n", "", DataSplit::kTest));
  EXPECT_THAT(
      PrepareProteins(options).known.Warnings("proteins"),
      testing::ElementsAre(testing::HasSubstr("1 of the 2 proteins of the split \"test\"")));
}

TEST_F(ProteinCorpus, LengthsMustAgree) {
  ExpectRefused(Options(">a\nMKL\n", ">a\nHE\n"),
                "train.fa:1: record \"a\" has 3 residues, but 2 labels");
  ExpectRefused(Options(">a\nMK\n", ">a\nHE\n", ">a\n111\n"),
                "record \"a\" has 2 residues, but 3 letters of the mask");
}

TEST_F(ProteinCorpus, OtherLettersAreRefusedWithTheirPosition) {
  ExpectRefused(Options(">a\nM-K\n", ">a\nHEH\n"), "record \"a\": letter 2, \"-\", is no residue");
  ExpectRefused(Options(">a\nMK\n", ">a\nHE\n", ">a\n12\n"),
                "record \"a\": letter 2 of its mask, \"2\", is neither 1");
  ProteinCorpusOptions options = Options(">a\nMK\n", ">a\nHM\n");
  options.three_states = true;
  ExpectRefused(options, "record \"a\": label 2, \"M\", is no state of DSSP");
  options = Options(">a\nMK\n", ">a\nHE\n");
  options.files.push_back(Files("test", ">t\nMK\n", ">t\nHT\n", "", DataSplit::kTest));
  ExpectRefused(options, "record \"t\": label 2, \"T\", is no label of the training split");
  ExpectRefused(Options(">a\nMK\n", ">a\nHH\n"), "have 1 different labels; allowed: 2 or more");
}

TEST_F(ProteinCorpus, NothingToReadIsRefused) {
  ProteinCorpusOptions options;
  ExpectRefused(options, "--out is missing", ExitCode::kUsage);
  options = Options(">a\nMK\n", ">a\nHE\n");
  options.files[0].sequences = folder_ / "none.fa";
  ExpectRefused(options, "none.fa", ExitCode::kMissingInput);
}

}  // namespace
}  // namespace lockstep
