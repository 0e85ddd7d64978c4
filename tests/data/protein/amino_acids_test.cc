#include "data/protein/amino_acids.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

std::string LettersOf(const std::vector<std::uint8_t>& codes) {
  std::string letters;
  for (const std::uint8_t code : codes) letters += kAminoAcids[code];
  return letters;
}

TEST(AminoAcids, LowerCaseIsUpperCase) {
  EXPECT_EQ(LettersOf(ResidueCodes("p", "ACDEFGHIKLMNPQRSTVWYX")), kAminoAcids);
  EXPECT_EQ(LettersOf(ResidueCodes("p", "acdefghiklmnpqrstvwyx")), kAminoAcids);
}

TEST(AminoAcids, RareAndAmbiguousResiduesAreUnknown) {
  EXPECT_EQ(LettersOf(ResidueCodes("p", "MBZJUOXubW")), "MXXXXXXXXW");
}

TEST(AminoAcids, AStopMayEndAProtein) { EXPECT_EQ(LettersOf(ResidueCodes("p", "MK*")), "MK"); }

TEST(AminoAcids, WhatIsNoResidueIsNamedWithItsPosition) {
  ExpectError(ExitCode::kBadData, "f.fa:1: record a: letter 3, \"-\", is no residue",
              [] { ResidueCodes("f.fa:1: record a", "MK-L"); });
  ExpectError(ExitCode::kBadData, "letter 2, \"*\", is a stop inside the protein",
              [] { ResidueCodes("p", "M*K*"); });
  ExpectError(ExitCode::kBadData, "p: has no residue", [] { ResidueCodes("p", "*"); });
}

}  // namespace
}  // namespace lockstep
