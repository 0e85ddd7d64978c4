// How likely a base is in a gene, given the five bases that are read before it and its position in
// the codon, compared with the whole genome: a Markov chain of period three (GeneMark; Borodovsky &
// McIninch 1993), whose orders are interpolated (Glimmer; Salzberg et al. 1998), so that few genes
// suffice to learn it.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/types.h"
#include "data/dna/base_labels.h"
#include "data/dna/genes/genetic_code.h"

namespace lockstep {

// A word is a base with the five bases read before it, as a number of base 4, the oldest base
// first; -1 if one of them is ambiguous or lies outside.
inline constexpr int kWordBases = 6;
inline constexpr int kDnaWords = 4096;

// The words of all bases, read on the + strand and on the - strand.
struct StrandWords {
  std::vector<std::int16_t> plus;
  std::vector<std::int16_t> minus;
  const std::vector<std::int16_t>& Of(bool plus_strand) const { return plus_strand ? plus : minus; }
};
StrandWords WordsOf(std::span<const std::uint8_t> codes);

// How often each word was seen.
using WordCounts = std::array<double, kDnaWords>;

class CodonUsage {
 public:
  // Says nothing: all scores are 0.
  CodonUsage() = default;
  // `genes` by the position in the codon of the last base; `genome` on both strands.
  CodonUsage(const std::array<WordCounts, kCodonPositions>& genes, const WordCounts& genome);

  // Before any gene is known: bases are as frequent in genes as elsewhere (`shares` of A, C, G, T),
  // but no codon within them is a stop codon. So a long open reading frame speaks for a gene, and
  // the more so the more stop codons the genome has by chance.
  static CodonUsage OfOpenFrames(const GeneticCode& code, const std::array<double, 4>& shares);

  // The log of the ratio of both probabilities of the last base of a word; 0 for -1.
  float Score(int position, int word) const {
    return word < 0 ? 0.0f
                    : scores_[static_cast<std::size_t>(position)][static_cast<std::size_t>(word)];
  }

 private:
  std::array<std::array<float, kDnaWords>, kCodonPositions> scores_{};
};

}  // namespace lockstep
