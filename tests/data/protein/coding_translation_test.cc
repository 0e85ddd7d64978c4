#include "data/protein/coding_translation.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

std::string Translated(const std::string& bases, int code = 11) {
  return TranslateCoding("cds", bases, GeneticCode::FromNumber(code));
}

// The protein of E. coli's thrL (NC_000913.3, bases 190 to 255), as GenBank gives it.
TEST(CodingTranslation, GivesTheProteinThatGenBankGives) {
  EXPECT_EQ(Translated("ATGAAACGCATTAGCACCACCATTACCACCACCATCACCATTACCACAGGTAACGGTGCGGGCTGA"),
            "MKRISTTITTTITITTGNGAG");
}

TEST(CodingTranslation, AFirstCodonThatCanBeginAProteinIsMethionine) {
  EXPECT_EQ(Translated("GTGGTGTAA"), "MV");
  EXPECT_EQ(Translated("CTGCTG", 11), "ML");
  EXPECT_EQ(Translated("GTGGTG", 1), "VV");
}

TEST(CodingTranslation, TheStopCodonMayBeMissingAndLettersMayBeSmallOrRna) {
  EXPECT_EQ(Translated("augaaa"), "MK");
  EXPECT_EQ(Translated("ATGNNNAAR"), "MXX");
}

TEST(CodingTranslation, AStopInsideDependsOnTheGeneticCode) {
  ExpectError(ExitCode::kBadData,
              "cds: codon 2 of 3, TGA at bases 4 to 6, ends the protein in genetic code 11",
              [] { Translated("ATGTGAAAA"); });
  EXPECT_EQ(Translated("ATGTGAAAA", 4), "MWK");
}

TEST(CodingTranslation, PartOfACodonIsRefused) {
  ExpectError(ExitCode::kBadData, "cds: has 8 bases, which is no multiple of 3",
              [] { Translated("ATGAAATA"); });
  ExpectError(ExitCode::kBadData, "cds: has 2 bases", [] { Translated("AT"); });
}

TEST(CodingTranslation, AProteinIsNoDna) {
  ExpectError(ExitCode::kBadData, "cds: letter 5, \"L\", is no base; proteins are read without",
              [] { Translated("ATGALA"); });
  ExpectError(ExitCode::kBadData, "cds: no codon of it codes", [] { Translated("TAA"); });
}

}  // namespace
}  // namespace lockstep
