#include "data/dna/genes/genetic_code.h"

#include <gtest/gtest.h>

#include "data/dna/fasta.h"
#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

int Codon(const std::string& letters) {
  const auto code = [&](std::size_t i) {
    return static_cast<std::uint8_t>(BaseCodeOf(letters[i]));
  };
  return CodonOf(code(0), code(1), code(2));
}

TEST(GeneticCode, TheStandardCodeTranslates) {
  const GeneticCode code = GeneticCode::FromNumber(1);
  const std::pair<const char*, char> kSome[] = {{"ATG", 'M'}, {"TGG", 'W'}, {"TTT", 'F'},
                                                {"GGG", 'G'}, {"AAA", 'K'}, {"CGA", 'R'},
                                                {"TAA", '*'}, {"TAG", '*'}, {"TGA", '*'}};
  for (const auto& [codon, amino_acid] : kSome)
    EXPECT_EQ(code.AminoAcid(Codon(codon)), amino_acid) << codon;
  EXPECT_EQ(code.AminoAcid(Codon("ANG")), 'X');
  EXPECT_TRUE(code.IsStart(Codon("ATG")));
  EXPECT_FALSE(code.IsStart(Codon("GTG")));
}

TEST(GeneticCode, BacteriaStartWithMoreCodonsAndMycoplasmasReadTgaAsTryptophan) {
  const GeneticCode bacteria = GeneticCode::FromNumber(11);
  for (const char* codon : {"ATG", "GTG", "TTG", "CTG", "ATT", "ATC", "ATA"})
    EXPECT_TRUE(bacteria.IsStart(Codon(codon))) << codon;
  EXPECT_TRUE(bacteria.IsStop(Codon("TGA")));
  const GeneticCode mycoplasma = GeneticCode::FromNumber(4);
  EXPECT_EQ(mycoplasma.AminoAcid(Codon("TGA")), 'W');
  EXPECT_FALSE(mycoplasma.IsStop(Codon("TGA")));
  EXPECT_TRUE(mycoplasma.IsStop(Codon("TAA")));
}

TEST(GeneticCode, CiliatesHaveOneStopCodon) {
  const GeneticCode code = GeneticCode::FromNumber(6);
  int stops = 0;
  for (int codon = 0; codon < kCodons; ++codon) stops += code.IsStop(codon) ? 1 : 0;
  EXPECT_EQ(stops, 1);
  EXPECT_EQ(code.AminoAcid(Codon("TAA")), 'Q');
}

TEST(GeneticCode, EveryCodeStartsAndStops) {
  for (const int number : GeneticCodeNumbers()) {
    const GeneticCode code = GeneticCode::FromNumber(number);
    int starts = 0, stops = 0;
    for (int codon = 0; codon < kCodons; ++codon) {
      starts += code.IsStart(codon) ? 1 : 0;
      stops += code.IsStop(codon) ? 1 : 0;
    }
    EXPECT_GE(starts, 1) << number;
    EXPECT_GE(stops, 1) << number;
    EXPECT_LE(stops, 4) << number;
  }
}

TEST(GeneticCode, UnknownNumbersAreRefused) {
  ExpectError(ExitCode::kUsage, "--genetic-code is 7; allowed are the numbers of NCBI: 1, 2, 3",
              [] { GeneticCode::FromNumber(7); });
}

}  // namespace
}  // namespace lockstep
