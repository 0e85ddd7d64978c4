#include "data/dna/genes/genetic_code.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "data/dna/fasta.h"

namespace lockstep {
namespace {

// A code as NCBI writes it: the amino acids of the codons TTT, TTC, TTA, TTG, TCT ... GGG. Codons
// that end a protein only in some places (codes 27, 28 and 31) are stop codons here.
struct CodeRow {
  int number;
  std::string_view amino_acids;
  std::string_view starts;
};

constexpr CodeRow kCodes[] = {
    {1, "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG", "TTG CTG ATG"},
    {2, "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNKKSS**VVVVAAAADDEEGGGG", "ATT ATC ATA ATG GTG"},
    {3, "FFLLSSSSYY**CCWWTTTTPPPPHHQQRRRRIIMMTTTTNNKKSSRRVVVVAAAADDEEGGGG", "ATA ATG GTG"},
    {4, "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
     "TTA TTG CTG ATT ATC ATA ATG GTG"},
    {5, "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNKKSSSSVVVVAAAADDEEGGGG",
     "TTG ATT ATC ATA ATG GTG"},
    {6, "FFLLSSSSYYQQCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG", "ATG"},
    {9, "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNNKSSSSVVVVAAAADDEEGGGG", "ATG GTG"},
    {10, "FFLLSSSSYY**CCCWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG", "ATG"},
    {11, "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
     "TTG CTG ATT ATC ATA ATG GTG"},
    {12, "FFLLSSSSYY**CC*WLLLSPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG", "CTG ATG"},
    {13, "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNKKSSGGVVVVAAAADDEEGGGG", "TTG ATA ATG GTG"},
    {14, "FFLLSSSSYYY*CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNNKSSSSVVVVAAAADDEEGGGG", "ATG"},
    {15, "FFLLSSSSYY*QCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG", "ATG"},
    {16, "FFLLSSSSYY*LCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG", "ATG"},
    {21, "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNNKSSSSVVVVAAAADDEEGGGG", "ATG GTG"},
    {22, "FFLLSS*SYY*LCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG", "ATG"},
    {23, "FF*LSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG", "ATT ATG GTG"},
    {24, "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSSKVVVVAAAADDEEGGGG", "TTG CTG ATG GTG"},
    {25, "FFLLSSSSYY**CCGWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG", "TTG ATG GTG"},
    {26, "FFLLSSSSYY**CC*WLLLAPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG", "CTG ATG"},
    {27, "FFLLSSSSYYQQCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG", "ATG"},
    {28, "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG", "ATG"},
    {29, "FFLLSSSSYYYYCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG", "ATG"},
    {30, "FFLLSSSSYYEECC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG", "ATG"},
    {31, "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG", "ATG"},
    {32, "FFLLSSSSYY*WCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
     "TTG CTG ATT ATC ATA ATG GTG"},
    {33, "FFLLSSSSYYY*CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSSKVVVVAAAADDEEGGGG", "TTG CTG ATG GTG"},
};

constexpr std::string_view kOrder = "TCAG";

// The number (CodonOf) of the codon that stands at `place` of CodeRow::amino_acids.
int CodonAt(std::size_t place) {
  const auto code = [](std::size_t i) { return static_cast<std::uint8_t>(BaseCodeOf(kOrder[i])); };
  return CodonOf(code(place / 16), code(place / 4 % 4), code(place % 4));
}

int CodonFromText(std::string_view text) {
  const auto code = [](char letter) { return static_cast<std::uint8_t>(BaseCodeOf(letter)); };
  return CodonOf(code(text[0]), code(text[1]), code(text[2]));
}

const std::vector<int>& Numbers() {
  static const std::vector<int> kNumbers = [] {
    std::vector<int> numbers;
    for (const CodeRow& row : kCodes) numbers.push_back(row.number);
    return numbers;
  }();
  return kNumbers;
}

}  // namespace

std::span<const int> GeneticCodeNumbers() { return Numbers(); }

GeneticCode GeneticCode::FromNumber(int number) {
  const auto* const row = std::find_if(std::begin(kCodes), std::end(kCodes),
                                       [&](const CodeRow& r) { return r.number == number; });
  if (row == std::end(kCodes)) {
    throw UsageError("--genetic-code is {}; allowed are the numbers of NCBI: {}", number,
                     fmt::join(Numbers(), ", "));
  }
  GeneticCode code;
  code.number_ = number;
  for (std::size_t i = 0; i < kCodons; ++i)
    code.amino_acids_[static_cast<std::size_t>(CodonAt(i))] = row->amino_acids[i];
  constexpr std::size_t kWord = 4;  // three letters and the blank after them
  for (std::size_t at = 0; at < row->starts.size(); at += kWord)
    code.starts_[static_cast<std::size_t>(CodonFromText(row->starts.substr(at, 3)))] = true;
  return code;
}

}  // namespace lockstep
