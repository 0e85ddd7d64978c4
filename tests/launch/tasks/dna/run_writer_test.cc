#include "launch/tasks/dna/run_writer.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "data/dna/fasta.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

class RunWriterTest : public testing::Test {
 protected:
  // Adds bases whose labels are written as . + -, in parts of `part` bases.
  void Add(RunWriter* genes, Index record, const std::string& name, const std::string& bases,
           const std::string& labels, std::size_t part = 7) {
    ASSERT_EQ(bases.size(), labels.size());
    for (std::size_t at = 0; at < bases.size(); at += part) {
      std::vector<std::uint8_t> codes;
      std::vector<float> logits;
      for (std::size_t i = at; i < std::min(at + part, bases.size()); ++i) {
        codes.push_back(static_cast<std::uint8_t>(BaseCodeOf(bases[i])));
        for (const char label : std::string(".+-"))
          logits.push_back(labels[i] == label ? 100.0f : 0.0f);
      }
      genes->Add(record, name, codes, logits);
    }
  }
  std::string Written(RunWriter* genes) {
    genes->Finish();
    return Slurp(path_);
  }

  TempFolder folder_;
  std::string path_ = folder_ / "genes.gff3";
};

TEST_F(RunWriterTest, RowsHaveAPhaseAndStandBehindTheirRegion) {
  RunWriter genes(path_, BaseLabels::kStrand, 3);
  Add(&genes, 0, "one", "CCATGCTAACTGACTAGCC", ".++++++++++++++++..");
  Add(&genes, 1, "t o", "ACGTTT", "......");
  Add(&genes, 2, "three", "TTTACG", "----++");
  EXPECT_EQ(Written(&genes),
            "##gff-version 3\n##sequence-region one 1 19\n"
            "one\tlockstep\tCDS\t2\t17\t1.0000\t+\t1\tID=cds1\n"
            "##sequence-region t%20o 1 6\n##sequence-region three 1 6\n"
            "three\tlockstep\tCDS\t1\t4\t1.0000\t-\t0\tID=cds2\n");
  EXPECT_EQ(genes.rows(), 2);
}

TEST_F(RunWriterTest, NoGeneLiesInAGap) {
  for (const std::size_t part : {1u, 7u, 100u}) {
    path_ = folder_ / fmt::format("{}.gff3", part);
    RunWriter genes(path_, BaseLabels::kStrand, 3);
    const std::string gap(static_cast<std::size_t>(RunWriter::kShortestGap), 'N');
    Add(&genes, 0, "a", "CCCCC" + gap + "R" + "CCCC", std::string(20, '+'), part);
    Add(&genes, 1, "b", gap + gap, std::string(20, '-'), part);
    const std::string text = Written(&genes);
    EXPECT_NE(text.find("CDS\t1\t5\t"), text.npos) << text;
    EXPECT_NE(text.find("CDS\t17\t20\t"), text.npos) << text;
    EXPECT_NE(text.find("##sequence-region b 1 20\n"), text.npos) << text;
    EXPECT_EQ(genes.rows(), 2);
  }
}

TEST_F(RunWriterTest, AFewAmbiguousBasesDoNotCutAGene) {
  RunWriter genes(path_, BaseLabels::kStrand, 3);
  const std::string few(static_cast<std::size_t>(RunWriter::kShortestGap) - 1, 'N');
  Add(&genes, 0, "a", "CCCCC" + few + "CCCCC" + few, std::string(28, '+'));
  EXPECT_NE(Written(&genes).find("CDS\t1\t28\t"), std::string::npos);
}

}  // namespace
}  // namespace lockstep
