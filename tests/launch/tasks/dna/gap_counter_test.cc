#include "launch/tasks/dna/gap_counter.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/data/dna/genes/gene_evidence.h"

namespace lockstep {
namespace {

void Add(GapCounter* gaps, Index record, const std::string& bases, std::size_t part) {
  for (std::size_t at = 0; at < bases.size(); at += part)
    gaps->Add(record, CodesOfText(bases.substr(at, part)));
}

const std::string kGap(static_cast<std::size_t>(GeneFinder::kShortestGap), 'N');

TEST(GapCounter, LongRunsAreGapsInPartsOfAnySize) {
  for (const std::size_t part : {1u, 7u, 100u}) {
    GapCounter gaps;
    Add(&gaps, 0, "CCCCC" + kGap + "R" + "CCCC", part);
    Add(&gaps, 1, kGap + kGap, part);
    gaps.EndRun();
    EXPECT_EQ(gaps.gap_bases(), 31) << part;
    EXPECT_EQ(gaps.ambiguous_bases(), 0) << part;
  }
}

TEST(GapCounter, ShortRunsAreAmbiguousBasesAndEndWithTheirRecord) {
  const std::string few = kGap.substr(1);
  GapCounter gaps;
  Add(&gaps, 0, "CCCCC" + few + "CCCCC" + few, 7);
  Add(&gaps, 1, few, 7);
  gaps.EndRun();
  EXPECT_EQ(gaps.gap_bases(), 0);
  EXPECT_EQ(gaps.ambiguous_bases(), 27);
}

}  // namespace
}  // namespace lockstep
