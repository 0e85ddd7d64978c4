#include "data/protein/labelled_proteins.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

class LabelledProteinsTest : public testing::Test {
 protected:
  // FLIP files with these contents; an empty mask: there is none.
  std::vector<LabelledProtein> Read(const std::string& sequences, const std::string& labels,
                                    const std::string& mask = "") {
    Spill(folder_ / "s.fa", sequences);
    Spill(folder_ / "l.fa", labels);
    if (!mask.empty()) Spill(folder_ / "m.fa", mask);
    std::vector<LabelledProtein> proteins;
    ReadLabelledProteins({.sequences = folder_ / "s.fa",
                          .labels = folder_ / "l.fa",
                          .mask = mask.empty() ? "" : folder_ / "m.fa",
                          .has_split = false},
                         0, &proteins);
    return proteins;
  }
  void ExpectRefused(const std::string& sequences, const std::string& labels,
                     const std::string& message, const std::string& mask = "") {
    ExpectError(ExitCode::kBadData, message, [&] { Read(sequences, labels, mask); });
  }

  TempFolder folder_;
};

TEST_F(LabelledProteinsTest, LabelsAndMaskAreFoundByNameInAnyOrder) {
  const auto found = Read(">a\nMK\n>b\nAL\n>c\nGG\n",
                          ">c SET=test VALIDATION=False\nCC\n>b SET=train VALIDATION=True\nHE\n"
                          ">a SET=train\nHH\n",
                          ">b\n11\n>a\n01\n>c\n10\n");
  ASSERT_EQ(found.size(), 3);
  EXPECT_EQ(found[0].residues, "MK");
  EXPECT_EQ(found[0].labels, "HH");
  EXPECT_EQ(found[0].mask, "01");
  EXPECT_EQ(found[1].labels, "HE");
  EXPECT_EQ(found[0].split, DataSplit::kTrain);
  EXPECT_EQ(found[1].split, DataSplit::kValid);
  EXPECT_EQ(found[2].split, DataSplit::kTest);
}

TEST_F(LabelledProteinsTest, NamesMustAgree) {
  const std::string a = ">a SET=train\nHH\n";
  ExpectRefused(">a\nMK\n>b\nMK\n", a, "s.fa:3: record \"b\" has no labels in");
  ExpectRefused(">a\nMK\n>a\nMK\n", a, "s.fa:3: record \"a\" is there twice");
  ExpectRefused(">a\nMK\n", a + a, "l.fa:3: record \"a\" is there twice");
  ExpectRefused(">a\nMK\n", a + ">b SET=train\nHH\n", "record \"b\" has labels, but there is no");
  ExpectRefused(">a\nMK\n", a, "s.fa:1: record \"a\" has no mask in", ">b\n11\n");
}

TEST_F(LabelledProteinsTest, AHeaderMustSayTheSplit) {
  ExpectRefused(">a\nMK\n", ">a\nHH\n", "l.fa:1: record \"a\": its header says SET=\"\"");
  ExpectRefused(">a\nMK\n", ">a SET=dev\nHH\n", "its header says SET=\"dev\"");
  ExpectRefused(">a\nMK\n", ">a SET=train VALIDATION=maybe\nHH\n", "VALIDATION=\"maybe\"");
}

TEST_F(LabelledProteinsTest, ColumnsAreOfOneSplit) {
  Spill(folder_ / "q.test", "<>\nG _\nV h\n");
  std::vector<LabelledProtein> proteins;
  ReadLabelledProteins({.sequences = folder_ / "q.test",
                        .labels = "",
                        .mask = "",
                        .has_split = true,
                        .split = DataSplit::kTest},
                       2, &proteins);
  ASSERT_EQ(proteins.size(), 1);
  EXPECT_EQ(proteins[0].name, "q.test:2");
  EXPECT_EQ(proteins[0].file, 2);
  EXPECT_EQ(proteins[0].split, DataSplit::kTest);
  EXPECT_EQ(proteins[0].labels, "_h");
}

TEST_F(LabelledProteinsTest, FastaIsKnownByItsFirstLine) {
  Spill(folder_ / "a", "\n>a\nMK\n");
  Spill(folder_ / "b", "<>\nM h\n");
  EXPECT_TRUE(LooksLikeLetterFasta(folder_ / "a"));
  EXPECT_FALSE(LooksLikeLetterFasta(folder_ / "b"));
}

}  // namespace
}  // namespace lockstep
