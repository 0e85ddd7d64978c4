#include "data/dna/genome_model.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "base/error.h"
#include "data/dna/dna_corpus.h"

namespace lockstep {
namespace {

constexpr double kScale = 65536;
// Mean lengths: 600 bases between genes, 200 codons in a gene.
constexpr std::uint32_t kGeneBegins = 109;
constexpr std::uint32_t kGeneEnds = 328;

// Codon usage is a product of preferences for each position (A, C, G, T), without the stop codons.
// The forward strand prefers G at the first and T at the third position, so the reverse strand
// prefers A at the first and C at the third. As in real genes, frame and strand can be inferred
// from the composition, but only from some dozens of bases.
constexpr double kPreference[3][4] = {
    {0.21, 0.14, 0.49, 0.16}, {0.36, 0.22, 0.14, 0.28}, {0.13, 0.20, 0.18, 0.49}};
constexpr int kStopCodons[] = {3 * 16 + 0 * 4 + 0, 3 * 16 + 0 * 4 + 2, 3 * 16 + 2 * 4 + 0};

constexpr int kOther = 0;
constexpr int kPlus = 1;   // first of three states
constexpr int kMinus = 4;  // first of three states

bool IsStop(int codon) {
  return std::find(std::begin(kStopCodons), std::end(kStopCodons), codon) != std::end(kStopCodons);
}

// The probabilities of codons in multiples of 1/65536. The remainder of rounding is added to the
// most likely codon.
std::array<std::uint32_t, 64> CodonCounts() {
  std::array<double, 64> weights{};
  for (int codon = 0; codon < 64; ++codon) {
    if (IsStop(codon)) continue;
    weights[codon] =
        kPreference[0][codon / 16] * kPreference[1][codon / 4 % 4] * kPreference[2][codon % 4];
  }
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  std::array<std::uint32_t, 64> counts{};
  std::uint32_t rest = 65536;
  for (int codon = 0; codon < 64; ++codon) {
    counts[codon] = static_cast<std::uint32_t>(std::floor(weights[codon] / sum * kScale));
    rest -= counts[codon];
  }
  *std::max_element(counts.begin(), counts.end()) += rest;
  return counts;
}

}  // namespace

int ReverseComplementCodon(int codon) {
  return (3 - codon % 4) * 16 + (3 - codon / 4 % 4) * 4 + (3 - codon / 16);
}

GenomeModel::GenomeModel()
    : gene_begins_(kGeneBegins), gene_ends_(kGeneEnds), emission_(std::size_t{5} * 5 * 4) {
  const std::array<std::uint32_t, 64> counts = CodonCounts();
  std::array<double, 64> forward{}, reverse{};
  for (int codon = 0; codon < 64; ++codon) {
    codon_table_.insert(codon_table_.end(), counts[codon], static_cast<std::uint8_t>(codon));
    forward[codon] = counts[codon] / kScale;
    reverse[ReverseComplementCodon(codon)] = counts[codon] / kScale;
  }
  for (StateVector& emission : emission_) emission[kOther] = 0.25;
  FillEmission(kPlus, forward);
  FillEmission(kMinus, reverse);
}

// P(base | earlier bases of the codon) is a quotient of two sums over codons. If an earlier base is
// unknown, both sums go over all values of it.
void GenomeModel::FillEmission(int first_state, const std::array<double, 64>& codons) {
  const auto matches = [](int pattern, int base) {
    return pattern == kUnknownBase || pattern == base;
  };
  const auto sum = [&](int first, int second, int third) {
    double total = 0;
    for (int c = 0; c < 64; ++c) {
      if (matches(first, c / 16) && matches(second, c / 4 % 4) && matches(third, c % 4)) {
        total += codons[static_cast<std::size_t>(c)];
      }
    }
    return total;
  };
  constexpr int kAny = kUnknownBase;
  const auto quotient = [](double part, double whole) { return whole > 0 ? part / whole : 0.0; };
  for (int before_last = 0; before_last < 5; ++before_last) {
    for (int last = 0; last < 5; ++last) {
      for (int base = 0; base < 4; ++base) {
        StateVector& e = emission_[EmissionIndex(before_last, last, base)];
        e[first_state] = sum(base, kAny, kAny);
        e[first_state + 1] = quotient(sum(last, base, kAny), sum(last, kAny, kAny));
        e[first_state + 2] = quotient(sum(before_last, last, base), sum(before_last, last, kAny));
      }
    }
  }
}

std::uint8_t GenomeModel::ClassOf(int state) {
  if (state == kOther) return kOtherClass;
  return state < kMinus ? kCodingPlusClass : kCodingMinusClass;
}

StateVector GenomeModel::Forward(const StateVector& state) const {
  const double begins = gene_begins_ / kScale, ends = gene_ends_ / kScale;
  return {state[0] * (1 - begins) + (state[3] + state[6]) * ends,
          state[0] * begins / 2 + state[3] * (1 - ends),
          state[1],
          state[2],
          state[0] * begins / 2 + state[6] * (1 - ends),
          state[4],
          state[5]};
}

StateVector GenomeModel::Backward(const StateVector& later) const {
  const double begins = gene_begins_ / kScale, ends = gene_ends_ / kScale;
  return {later[0] * (1 - begins) + (later[1] + later[4]) * begins / 2,
          later[2],
          later[3],
          later[0] * ends + later[1] * (1 - ends),
          later[5],
          later[6],
          later[0] * ends + later[4] * (1 - ends)};
}

// The shares of the states are proportional to the mean lengths: 1 / begins bases outside of genes,
// then 3 / ends bases inside, half of them on each strand.
StateVector GenomeModel::Stationary() const {
  const double outside = kScale / gene_begins_, codons = kScale / gene_ends_;
  const double whole = outside + 3 * codons;
  const double place = codons / 2 / whole;
  return {outside / whole, place, place, place, place, place, place};
}

nlohmann::json GenomeModel::Describe() const {
  return {{"mean_bases_between_genes", kScale / gene_begins_},
          {"mean_codons_in_a_gene", kScale / gene_ends_},
          {"codon_preferences", kPreference},
          {"states", kGenomeStates}};
}

GenomeGenerator::GenomeGenerator(const GenomeModel& model, std::uint64_t seed)
    : model_(model), rng_(seed, RandomPurpose::kGenome), draws_(4096), gene_class_(kOtherClass) {
  next_draw_ = draws_.size();
}

// One draw of 32 bits is used for each base outside of genes and for each codon: 16 bits decide
// which base or codon it is, 16 bits what follows.
void GenomeGenerator::Next(std::span<std::uint8_t> codes, std::span<std::uint8_t> labels) {
  LOCKSTEP_CHECK_EQ(codes.size(), labels.size());
  for (std::size_t i = 0; i < codes.size(); ++i) {
    if (codon_left_ == 0 && gene_class_ != kOtherClass) BeginCodon();
    labels[i] = gene_class_;
    if (gene_class_ == kOtherClass) {
      const std::uint32_t draw = Draw();
      codes[i] = draw & 3;
      if (draw >> 16 < model_.gene_begins_in_65536()) {
        gene_class_ = (draw & 4) != 0 ? kCodingPlusClass : kCodingMinusClass;
      }
      continue;
    }
    codes[i] = codon_[static_cast<std::size_t>(3 - codon_left_)];
    if (--codon_left_ == 0 && gene_ends_) gene_class_ = kOtherClass;
  }
}

void GenomeGenerator::BeginCodon() {
  const std::uint32_t draw = Draw();
  int codon = model_.codon_table()[draw & 0xffff];
  if (gene_class_ == kCodingMinusClass) codon = ReverseComplementCodon(codon);
  codon_ = {static_cast<std::uint8_t>(codon / 16), static_cast<std::uint8_t>(codon / 4 % 4),
            static_cast<std::uint8_t>(codon % 4)};
  codon_left_ = 3;
  gene_ends_ = draw >> 16 < model_.gene_ends_in_65536();
}

std::uint32_t GenomeGenerator::Draw() {
  if (next_draw_ == draws_.size()) RefillDraws();
  return draws_[next_draw_++];
}

void GenomeGenerator::RefillDraws() {
  for (std::size_t i = 0; i < draws_.size(); i += 4) {
    const CounterRng::Block block = rng_.BlockAt(next_block_++);
    std::copy(block.begin(), block.end(), draws_.begin() + static_cast<Index>(i));
  }
  next_draw_ = 0;
}

}  // namespace lockstep
