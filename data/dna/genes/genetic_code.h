// Genetic codes by their NCBI number (ncbi.nlm.nih.gov/Taxonomy/Utils/wprintgc.cgi): which amino
// acid a codon stands for, which codons begin a protein, and which end it.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/types.h"

namespace lockstep {

inline constexpr int kCodons = 64;

// A codon as a number, 16 * first + 4 * second + third base, each its place in kDnaLetters; -1 if
// one of the bases is ambiguous.
constexpr int CodonOf(std::uint8_t first, std::uint8_t second, std::uint8_t third) {
  return first > 3 || second > 3 || third > 3 ? -1 : 16 * first + 4 * second + third;
}

class GeneticCode {
 public:
  // UsageError that names the allowed numbers if there is no such code.
  static GeneticCode FromNumber(int number);

  int number() const { return number_; }
  // One letter; '*' for a stop codon, 'X' for a codon of -1.
  char AminoAcid(int codon) const {
    return codon < 0 ? 'X' : amino_acids_[static_cast<std::size_t>(codon)];
  }
  bool IsStart(int codon) const { return codon >= 0 && starts_[static_cast<std::size_t>(codon)]; }
  bool IsStop(int codon) const { return AminoAcid(codon) == '*'; }

 private:
  int number_ = 0;
  std::array<char, kCodons> amino_acids_{};
  std::array<bool, kCodons> starts_{};
};

// The numbers of all codes, ascending.
std::span<const int> GeneticCodeNumbers();

}  // namespace lockstep
