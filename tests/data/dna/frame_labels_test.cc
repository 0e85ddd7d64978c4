#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "data/corpus/shard_reader.h"
#include "data/dna/dna.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

// Classes are written with one sign each: '.' other, "123" inner codons of +, "abc" start codon,
// "xyz" stop codon; of -: "456", "def", "uvw"; '?' no target.
class FrameLabels : public testing::Test {
 protected:
  static std::string Row(Index start, Index end, char strand, const std::string& phase = "0",
                         const std::string& attributes = ".", const std::string& type = "CDS") {
    return fmt::format("one\tsrc\t{}\t{}\t{}\t.\t{}\t{}\t{}\n", type, start, end, strand, phase,
                       attributes);
  }
  std::string Labels(const std::string& rows, Index bases = 24) {
    std::filesystem::remove_all(folder_ / "corpus");
    DnaOptions options;
    options.files = {{folder_ / "g.fa"}, {folder_ / "g.gff"}};
    options.out = folder_ / "corpus";
    options.cut.ranges.train = "1-";
    options.labels = BaseLabels::kFrame;
    Spill(options.files.fastas[0],
          ">one\n" + std::string(static_cast<std::size_t>(bases), 'A') + "\n");
    Spill(options.files.gffs[0], rows);
    summary_ = PrepareDna(options);
    ShardReader reader(options.out, summary_.info, summary_.info.Split("train").shards[0]);
    std::string text;
    for (std::byte b : reader.Read(1, 0)) {
      const int label = std::to_integer<int>(b);
      text += label == 255 ? '?' : ".123abcxyz456defuvw"[label];
    }
    return text;
  }

  TempFolder folder_;
  DnaSummary summary_;
};

TEST_F(FrameLabels, AGeneHasAStartCodonPlacesAndAStopCodon) {
  EXPECT_EQ(Labels(Row(3, 14, '+')), "..abc123123xyz..........");
  EXPECT_EQ(Labels(Row(3, 14, '-')), "..wvu654654fed..........");
}

TEST_F(FrameLabels, ClassesOfTheOtherStrandAreTheirComplements) {
  Labels(Row(3, 14, '+'));
  const Vocabulary& classes = summary_.info.schema.vocabularies[1];
  ASSERT_EQ(classes.names.size(), 19u);
  for (std::size_t c = 0; c < classes.names.size(); ++c) {
    std::string other = classes.names[c];
    for (char& sign : other) sign = sign == '+' ? '-' : sign == '-' ? '+' : sign;
    EXPECT_EQ(classes.names[static_cast<std::size_t>(classes.complement[c])], other);
  }
}

TEST_F(FrameLabels, GenesThatAreCutOffHaveNoStartOrStopCodon) {
  EXPECT_EQ(Labels(Row(1, 8, '+', "2")), "23123xyz................");
  EXPECT_EQ(Labels(Row(1, 8, '-', "2")), "wvu65465................");
}

TEST_F(FrameLabels, RangesOfNcbiSayWhichEndIsMissing) {
  EXPECT_EQ(Labels(Row(1, 9, '+', "0", "ID=a;partial=true;start_range=.,1")),
            "123123xyz...............");
  EXPECT_EQ(Labels(Row(1, 9, '+', "0", "ID=a;partial=true;end_range=9,.")),
            "abc123123...............");
  EXPECT_EQ(Labels(Row(1, 9, '-', "0", "ID=a;partial=true;start_range=.,1")),
            "654654fed...............");
  EXPECT_EQ(Labels(Row(1, 9, '-', "0", "ID=a;partial=true;end_range=9,.")),
            "wvu654654...............");
  EXPECT_EQ(Labels(Row(1, 9, '+', "0", "ID=a;partial=true")), "123123123...............");
  EXPECT_EQ(Labels(Row(1, 8, '+')), "abc12312................");  // no whole codons
}

TEST_F(FrameLabels, RowsOfOneGeneAreReadOneAfterTheOther) {
  // The second exon begins with the last two bases of a codon.
  EXPECT_EQ(Labels(Row(1, 7, '+', "0", "ID=a") + Row(11, 15, '+', "2", "ID=a")),
            "abc1231...23xyz.........");
  EXPECT_EQ(Labels(Row(1, 5, '-', "2", "ID=a") + Row(9, 15, '-', "0", "ID=a")),
            "wvu65...4654fed.........");
  // Without phases, codons go on across the rows.
  EXPECT_EQ(Labels(Row(1, 7, '+', ".", "ID=a") + Row(11, 15, '+', ".", "ID=a")),
            "abc1231...23xyz.........");
}

TEST_F(FrameLabels, RowsWithoutIdAreJoinedByWhatTheyHaveInCommon) {
  for (const std::string name :
       {"Parent=m1", "transcript_id=t;gene_id=g", "gene_id=g", "protein_id=p;Note=x"}) {
    EXPECT_EQ(Labels(Row(1, 7, '+', "0", name) + Row(11, 15, '+', "2", name)),
              "abc1231...23xyz.........")
        << name;
  }
  // In GFF2, as in GTF, rows end before the stop codon.
  const std::string name = "Sequence \"t1\"";
  EXPECT_EQ(Labels(Row(1, 7, '+', "0", name) + Row(11, 15, '+', "2", name)),
            "abc1231...23123.........");
  // Two copies of a gene, whose proteins are one; programs that name no transcript, or always one.
  const std::pair<const char*, const char*> kGenes[] = {
      {"locus_tag=L1;protein_id=WP_1.1", "locus_tag=L2;protein_id=WP_1.1"},
      {"protein_id=WP_1.1", "protein_id=WP_1.1"},
      {"Note=a", "Note=a"}};
  for (const auto& [first, second] : kGenes) {
    EXPECT_EQ(Labels(Row(1, 6, '+', "0", first) + Row(10, 15, '+', "0", second)),
              "abcxyz...abcxyz.........")
        << first;
  }
  const std::pair<const char*, const char*> kGtf[] = {
      {"gene_id \"g1\"; transcript_id \"\"; protein_id \"WP\";",
       "gene_id \"g2\"; transcript_id \"\"; protein_id \"WP\";"},
      {"gene_id \"g1\"; transcript_id \"unknown\";", "gene_id \"g2\"; transcript_id \"unknown\";"},
      {"product \"p\"; locus_tag \"L1\"", "product \"p\"; locus_tag \"L2\""},
      {"product \"p\"", "product \"p\""},
      {"gene_id \"\"; transcript_id \"\";", "gene_id \"\"; transcript_id \"\";"}};
  for (const auto& [first, second] : kGtf) {
    EXPECT_EQ(Labels(Row(1, 6, '+', "0", first) + Row(10, 15, '+', "0", second)),
              "abc123...abc123.........")
        << first;
  }
  EXPECT_EQ(Labels(Row(1, 6, '+', "0", "Parent=a") + Row(10, 15, '+', "0", "Parent=b")),
            "abcxyz...abcxyz.........");
  EXPECT_TRUE(summary_.annotation.warnings.empty());
}

TEST_F(FrameLabels, RowsWithNumberedIdsOfOneParentAreWarnedOf) {
  const auto warned = [&](const std::string& rows) {
    Labels(rows);
    const std::vector<std::string>& warnings = summary_.annotation.warnings;
    return !warnings.empty() &&
           warnings[0].find("2 CDS rows have an ID of their own, but share their Parent") !=
               std::string::npos;
  };
  EXPECT_TRUE(
      warned(Row(1, 6, '+', "0", "ID=a.0;Parent=m") + Row(10, 15, '+', "0", "ID=a.1;Parent=m")));
  EXPECT_FALSE(
      warned(Row(1, 6, '+', "0", "ID=a.0;Parent=m") + Row(10, 15, '+', "0", "ID=b.0;Parent=n")));
  Labels(Row(1, 6, '+', "0", "Parent=m") + Row(10, 15, '+', "0", "Parent=m"));
  ASSERT_EQ(summary_.annotation.warnings.size(), 1u);
  EXPECT_NE(summary_.annotation.warnings[0].find("2 CDS rows without an ID share their Parent"),
            std::string::npos);
  // Two products of one gene, as of dnaX.
  EXPECT_FALSE(
      warned(Row(1, 12, '+', "0", "ID=a.0;Parent=m") + Row(1, 9, '+', "0", "ID=a.1;Parent=m")));
}

TEST_F(FrameLabels, AfterAFrameshiftPlacesAreThoseOfTheSecondRow) {
  EXPECT_EQ(Labels(Row(1, 7, '+', "0", "ID=a") + Row(9, 17, '+', "0", "ID=a")),
            "abc1231.123123xyz.......");
}

TEST_F(FrameLabels, WhereGenesOverlapTheirEndsAreSeenOnBothStrands) {
  // ATGA: the start codon of the second gene overlaps the stop codon of the first one.
  EXPECT_EQ(Labels(Row(1, 12, '+') + Row(9, 20, '+')), "abc12312axyz23123xyz....");
  EXPECT_EQ(Labels(Row(9, 20, '+') + Row(1, 12, '+')), "abc12312axyz23123xyz....");
  EXPECT_EQ(Labels(Row(1, 12, '-') + Row(9, 20, '-')), "wvu65465wvud54654fed....");
  EXPECT_EQ(summary_.conflict_bases, 4);
}

// Any two classes can be joined by six others, so six bases without labels mend every break.
TEST(FrameOrder, EachClassLeadsToEveryOtherOne) {
  const LabelOrder order = FrameOrder();
  for (int from = 0; from < kFrameClasses; ++from) {
    std::set<int> reached = {from};
    for (int step = 0; step < 7; ++step) {
      std::set<int> next;
      for (const int label : reached) {
        const auto& followers = order.followers[static_cast<std::size_t>(label)];
        next.insert(followers.begin(), followers.end());
      }
      reached = next;
    }
    EXPECT_EQ(reached.size(), static_cast<std::size_t>(kFrameClasses)) << from;
  }
}

TEST(FrameOrder, CodonsGoOnInTheirDirection) {
  const LabelOrder order = FrameOrder();
  const auto inner = [](bool plus, int position) {
    return FrameClass(plus, CodonKind::kInner, position);
  };
  EXPECT_TRUE(order.MayFollow(inner(true, 0), inner(true, 1)));
  EXPECT_FALSE(order.MayFollow(inner(true, 0), inner(true, 2)));
  EXPECT_TRUE(order.MayFollow(inner(false, 2), inner(false, 1)));
  EXPECT_FALSE(order.MayFollow(inner(false, 1), inner(false, 2)));
  EXPECT_FALSE(order.MayFollow(FrameClass(true, CodonKind::kStart, 0), kOtherClass));
  EXPECT_FALSE(order.MayFollow(kOtherClass, FrameClass(true, CodonKind::kStart, 1)));
}

TEST_F(FrameLabels, LabelsThatCannotFollowEachOtherAreTakenAway) {
  // The frame changes without a base between.
  EXPECT_EQ(Labels(Row(1, 7, '+', "0", "ID=a") + Row(8, 16, '+', "0", "ID=a")),
            "abc1??????123xyz........");
  EXPECT_EQ(summary_.order_bases, 6);
}

TEST_F(FrameLabels, PseudogenesHaveNoTargets) {
  for (const std::string value : {"true", "True", "TRUE"}) {  // NCBI, Bakta
    EXPECT_EQ(Labels(Row(1, 9, '+', "0", "ID=a;pseudo=" + value) + Row(13, 21, '+')),
              "?????????...abc123xyz...");
    EXPECT_EQ(summary_.annotation.pseudo_genes, 1);
  }
}

TEST_F(FrameLabels, ProdigalSaysWhichEdgeCutsAGene) {
  EXPECT_EQ(Labels(Row(1, 9, '+', "0", "ID=1_1;partial=10")), "123123xyz...............");
  EXPECT_EQ(Labels(Row(1, 9, '+', "0", "ID=1_1;partial=01")), "abc123123...............");
  EXPECT_EQ(Labels(Row(1, 9, '-', "0", "ID=1_1;partial=10")), "654654fed...............");
  EXPECT_EQ(Labels(Row(1, 9, '+', "0", "ID=1_1;partial=11")), "123123123...............");
  EXPECT_EQ(Labels(Row(1, 9, '+', "0", "ID=1_1;partial=00")), "abc123xyz...............");
}

TEST_F(FrameLabels, AGeneOverTheOriginIsOneGene) {
  EXPECT_EQ(Labels("one\ts\tregion\t1\t24\t.\t+\t.\tID=one;Is_circular=true\n" + Row(20, 31, '+')),
            "3123xyz............abc12");
}

TEST_F(FrameLabels, TwoRowsThatMeetAtTheOriginAreOneGene) {
  const std::string circle = "one\ts\tregion\t1\t24\t.\t+\t.\tID=one;Is_circular=true\n";
  const auto rows = [](char strand, const std::string& first, const std::string& second) {
    return Row(20, 24, strand, first, "ID=a") + Row(1, 7, strand, second, "ID=a");
  };
  EXPECT_EQ(Labels(circle + rows('+', "0", "1")), "3123xyz............abc12");
  EXPECT_EQ(Labels(circle + rows('+', ".", ".")), "3123xyz............abc12");
  EXPECT_EQ(Labels(circle + rows('-', "2", "0")), "4654fed............wvu65");
  EXPECT_EQ(Labels(circle + Row(19, 24, '+', "0", "ID=a") + Row(1, 3, '+', "0", "ID=a") +
                   Row(6, 8, '+', "0", "ID=a")),
            "123..xyz..........abc123");
  // Not where the record does not say that it is circular.
  EXPECT_EQ(Labels(rows('+', "2", "0")), "abc1231............23xyz");
}

TEST_F(FrameLabels, GtfRowsOfOneTranscriptAreOneGeneWithItsStopCodon) {
  EXPECT_EQ(Labels(Row(1, 6, '+', "0", "gene_id \"g\"; transcript_id \"t\";") +
                   Row(7, 9, '+', "0", "gene_id \"g\"; transcript_id \"t\";", "stop_codon")),
            "abc123xyz...............");
}

}  // namespace
}  // namespace lockstep
