#include "launch/tasks/dna/reading_frame.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "data/dna/fasta.h"

namespace lockstep {
namespace {

// The phase of `bases`, a run of the strand that they are written on.
int PhaseOf(std::string bases, bool plus = true) {
  if (!plus) {
    std::reverse(bases.begin(), bases.end());
    for (char& base : bases) base = "TGCAN"[BaseCodeOf(base)];
  }
  ReadingFrame frame(plus);
  for (const char base : bases) frame.Add(static_cast<std::uint8_t>(BaseCodeOf(base)));
  return frame.Phase();
}

TEST(ReadingFrame, IsThatWithoutStopCodonsOnBothStrands) {
  // ATG CTA ACT GAC TAG: frame 0 has its stop codon at the end only; the others have TAA and TGA
  // inside of the run.
  const std::string gene = "ATGCTAACTGACTAG";
  for (const bool plus : {true, false}) {
    EXPECT_EQ(PhaseOf(gene, plus), 0);
    EXPECT_EQ(PhaseOf("C" + gene, plus), 1);
    EXPECT_EQ(PhaseOf("CC" + gene, plus), 2);
    EXPECT_EQ(PhaseOf("CCC" + gene, plus), 0);
  }
}

TEST(ReadingFrame, AGeneMayBeginOrEndOutsideOfTheRun) {
  const std::string inside = "ATGCTAACTGACCGG";
  for (const bool plus : {true, false}) {
    EXPECT_EQ(PhaseOf(inside.substr(1), plus), 2);
    EXPECT_EQ(PhaseOf(inside.substr(2), plus), 1);
    EXPECT_EQ(PhaseOf(inside + "C", plus), 0);
    EXPECT_EQ(PhaseOf(inside.substr(1) + "AC", plus), 2);
  }
}

TEST(ReadingFrame, AStopCodonAtTheEndCountsOnlyOnThatEnd) {
  for (const bool plus : {true, false}) {
    EXPECT_EQ(PhaseOf("CCCTAA", plus), 0);
    EXPECT_EQ(PhaseOf("CCCTAACC", plus), 0);
    EXPECT_EQ(PhaseOf("TAACCC", plus), 1);
  }
}

TEST(ReadingFrame, OfEqualFramesTheFirstIsTaken) {
  for (const char* bases : {"", "A", "TA", "ACC", "ACCN", "TNACTNAG"}) EXPECT_EQ(PhaseOf(bases), 0);
}

}  // namespace
}  // namespace lockstep
