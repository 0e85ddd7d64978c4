#include "launch/tasks/dna/gene_files.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/data/dna/genes/gene_evidence.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

class GeneFilesTest : public testing::Test {
 protected:
  void Write(const std::string& bases, const std::vector<Gene>& genes, bool circular = false) {
    EvidenceFile evidence(folder_ / "evidence", BaseLabels::kFrame);
    const auto count = static_cast<Index>(bases.size());
    evidence.Add(0, "a b", CodesOfText(bases), FrameLogits(count, genes, 6));
    if (circular) evidence.SetCircular(0);
    GeneFiles files({folder_ / "g.gff3", folder_ / "p.fa", folder_ / "n.fa", folder_ / "t.bg"},
                    GeneticCode::FromNumber(11));
    files.BeginRecord(evidence.records()[0]);
    files.Add(evidence, evidence.records()[0], genes);
    files.Finish(evidence);
  }
  std::string Read(const std::string& name) { return Slurp(folder_ / name); }

  TempFolder folder_;
};

TEST_F(GeneFilesTest, GenesGoFromStartToStopOnBothStrands) {
  // ATG GCC TAA on +, and GTG GCC TAG on -.
  Write("CCATGGCCTAACCCTAGGCCACCC", {{2, 11, true}, {13, 22, false}});
  EXPECT_EQ(Read("g.gff3"),
            "##gff-version 3\n##sequence-region a%20b 1 24\n"
            "a%20b\tlockstep\tgene\t3\t11\t0.00\t+\t.\tID=gene1\n"
            "a%20b\tlockstep\tCDS\t3\t11\t0.00\t+\t0\tID=cds1;Parent=gene1;start_codon=ATG;"
            "transl_table=11\n"
            "a%20b\tlockstep\tgene\t14\t22\t0.00\t-\t.\tID=gene2\n"
            "a%20b\tlockstep\tCDS\t14\t22\t0.00\t-\t0\tID=cds2;Parent=gene2;start_codon=GTG;"
            "transl_table=11\n");
  EXPECT_EQ(Read("p.fa"), ">cds1 a b:3-11(+) score=0.00\nMA\n>cds2 a b:14-22(-) score=0.00\nMA\n");
  EXPECT_EQ(Read("n.fa"),
            ">cds1 a b:3-11(+) score=0.00\nATGGCCTAA\n>cds2 a b:14-22(-) score=0.00\nGTGGCCTAG\n");
}

TEST_F(GeneFilesTest, GenesThatAreCutOffSayWhere) {
  Gene gene{0, 9, true};
  gene.open_start = gene.open_stop = true;
  Write("GTGGCCTGG", {gene});
  EXPECT_NE(Read("g.gff3").find("ID=gene1;partial=true;start_range=.,1;end_range=9,.\n"),
            std::string::npos);
  EXPECT_EQ(Read("g.gff3").find("start_codon"), std::string::npos);
  EXPECT_EQ(Read("p.fa"), ">cds1 a b:1-9(+) score=0.00 partial\nVAW\n");
}

TEST_F(GeneFilesTest, AGeneOverTheOriginEndsAfterTheSequence) {
  Write("GCCTAACCCCATG", {{10, 19, true}}, true);
  EXPECT_NE(
      Read("g.gff3").find("a%20b\tlockstep\tregion\t1\t13\t.\t+\t.\tID=a%20b;Is_circular=true\n"),
      std::string::npos);
  EXPECT_NE(Read("g.gff3").find("CDS\t11\t19\t"), std::string::npos);
  EXPECT_EQ(Read("n.fa"), ">cds1 a b:11-19(+) score=0.00\nATGGCCTAA\n");
}

TEST_F(GeneFilesTest, TheTrackHasRunsOfEqualProbabilities) {
  Write("CCATGGCCTAACC", {{2, 11, true}});
  const std::string track = Read("t.bg");
  EXPECT_NE(track.find("name=\"coding+\""), std::string::npos);
  EXPECT_NE(track.find("a b\t2\t11\t0.9"), std::string::npos) << track;
  EXPECT_NE(track.find("name=\"coding-\""), std::string::npos);
}

TEST_F(GeneFilesTest, FilesThatExistAreNotReplaced) {
  Spill(folder_ / "p.fa", "mine");
  ExpectError(ExitCode::kCannotCreate, folder_ / "p.fa", [&] { Write("CCATGGCCTAACC", {}); });
  EXPECT_EQ(Read("p.fa"), "mine");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "g.gff3"));
}

}  // namespace
}  // namespace lockstep
