#include "data/protein/coding_translation.h"

#include <array>

#include "base/characters.h"
#include "base/error.h"
#include "data/dna/fasta.h"

namespace lockstep {
namespace {

constexpr std::size_t kCodon = 3;

// The number (CodonOf) of the codon that begins at `at`.
int CodonFrom(const std::string& source, std::string_view bases, std::size_t at) {
  std::array<std::uint8_t, kCodon> codes{};
  for (std::size_t i = 0; i < kCodon; ++i) {
    const int code = BaseCodeOf(bases[at + i]);
    if (code < 0) {
      throw BadData("{}: letter {}, {}, is no base; proteins are read without --dna", source,
                    at + i + 1, Printable(std::string(1, bases[at + i])));
    }
    codes[i] = static_cast<std::uint8_t>(code);
  }
  return CodonOf(codes[0], codes[1], codes[2]);
}

}  // namespace

std::string TranslateCoding(const std::string& source, std::string_view bases,
                            const GeneticCode& code) {
  std::string protein;
  for (std::size_t at = 0; at + kCodon <= bases.size(); at += kCodon) {
    const int codon = CodonFrom(source, bases, at);
    if (code.IsStop(codon)) {
      if (at + kCodon >= bases.size()) break;
      throw BadData(
          "{}: codon {} of {}, {} at bases {} to {}, ends the protein in genetic code {}; give the "
          "sequence in the frame that codes, or another --genetic-code",
          source, at / kCodon + 1, bases.size() / kCodon, bases.substr(at, kCodon), at + 1,
          at + kCodon, code.number());
    }
    protein += at == 0 && code.IsStart(codon) ? 'M' : code.AminoAcid(codon);
  }
  if (bases.size() % kCodon != 0) {
    throw BadData(
        "{}: has {} bases, which is no multiple of 3; give the coding sequence alone, from its "
        "first codon to its last",
        source, bases.size());
  }
  if (protein.empty()) throw BadData("{}: no codon of it codes for a residue", source);
  return protein;
}

}  // namespace lockstep
