#include "data/dna/genes/codon_usage.h"

#include <cmath>

#include "data/dna/fasta.h"

namespace lockstep {
namespace {

// Takes bases in reading order.
class WordReader {
 public:
  std::int16_t Next(std::uint8_t base) {
    known_ = base > 3 ? 0 : known_ + 1;
    word_ = (word_ * 4 + (base & 3)) % kDnaWords;
    return known_ >= kWordBases ? static_cast<std::int16_t>(word_) : std::int16_t{-1};
  }

 private:
  int word_ = 0;
  int known_ = 0;  // bases since the last ambiguous one
};

// The probability of the last base of each word given the others, from counts. The estimate of each
// order is mixed with that of the order below, as if that had been seen kPriorCount times.
std::vector<double> Interpolate(const WordCounts& counts) {
  constexpr double kPriorCount = 12;
  std::vector<double> lower(4, 0.25);
  for (int order = 0, words = 4; order < kWordBases; ++order, words *= 4) {
    std::vector<double> sums(static_cast<std::size_t>(words));
    for (std::size_t w = 0; w < kDnaWords; ++w) sums[w % sums.size()] += counts[w];
    std::vector<double> p(sums.size());
    for (std::size_t w = 0; w < sums.size(); ++w) {
      const std::size_t group = w / 4 * 4;
      const double all = sums[group] + sums[group + 1] + sums[group + 2] + sums[group + 3];
      p[w] = (sums[w] + kPriorCount * lower[w % lower.size()]) / (all + kPriorCount);
    }
    lower = std::move(p);
  }
  return lower;
}

}  // namespace

StrandWords WordsOf(std::span<const std::uint8_t> codes) {
  StrandWords words;
  words.plus.reserve(codes.size());
  WordReader plus, minus;
  for (const std::uint8_t code : codes) words.plus.push_back(plus.Next(code));
  words.minus.resize(codes.size());
  for (std::size_t i = codes.size(); i-- > 0;) words.minus[i] = minus.Next(ComplementOf(codes[i]));
  return words;
}

CodonUsage::CodonUsage(const std::array<WordCounts, kCodonPositions>& genes,
                       const WordCounts& genome) {
  const std::vector<double> everywhere = Interpolate(genome);
  for (std::size_t k = 0; k < genes.size(); ++k) {
    const std::vector<double> coding = Interpolate(genes[k]);
    for (std::size_t w = 0; w < kDnaWords; ++w)
      scores_[k][w] = static_cast<float>(std::log(coding[w] / everywhere[w]));
  }
}

CodonUsage CodonUsage::OfOpenFrames(const GeneticCode& code, const std::array<double, 4>& shares) {
  CodonUsage usage;
  for (int word = 0; word < kDnaWords; ++word) {
    const int codon = word % kCodons;
    if (code.IsStop(codon)) continue;
    double open = 0;  // the probability that the third base makes no stop codon
    for (int base = 0; base < 4; ++base)
      open += code.IsStop(codon / 4 * 4 + base) ? 0 : shares[static_cast<std::size_t>(base)];
    usage.scores_[kCodonPositions - 1][static_cast<std::size_t>(word)] =
        static_cast<float>(-std::log(open));
  }
  return usage;
}

}  // namespace lockstep
