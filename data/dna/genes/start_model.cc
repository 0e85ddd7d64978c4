#include "data/dna/genes/start_model.h"

#include <cmath>
#include <numeric>

namespace lockstep {
namespace {

constexpr int kA = 0, kG = 2, kT = 3;

// Shares of start codons in bacteria, roughly; those of NCBI's tables that are not named here
// share what is left.
double UsualShare(int codon) {
  if (codon == CodonOf(kA, kT, kG)) return 0.82;
  if (codon == CodonOf(kG, kT, kG)) return 0.12;
  if (codon == CodonOf(kT, kT, kG)) return 0.055;
  return 0.0008;
}

constexpr std::array<int, 6> kShineDalgarno = {kA, kG, kG, kA, kG, kG};
constexpr double kUsualSpacing = 7;  // bases between site and start codon

// The base at a place around a start, upstream ones first; 4 where there is none.
std::uint8_t BaseAround(const StartSurroundings& start, std::size_t place) {
  return place < kUpstreamBases ? start.upstream[place] : start.downstream[place - kUpstreamBases];
}

}  // namespace

StartModel::StartModel(const GeneticCode& code)
    : genome_{0.25, 0.25, 0.25, 0.25}, share_with_site_(0.6) {
  double sum = 0;
  for (int c = 0; c < kCodons; ++c) sum += code.IsStart(c) ? UsualShare(c) : 0;
  for (int c = 0; c < kCodons; ++c)
    codon_prior_[static_cast<std::size_t>(c)] = code.IsStart(c) ? UsualShare(c) / sum : 0;
  for (std::size_t i = 0; i < site_.size(); ++i) {
    site_[i].fill(0.12);
    site_[i][static_cast<std::size_t>(kShineDalgarno[i])] = 0.64;
  }
  for (int p = 0; p < kPlaces; ++p) {
    const double off = (kPlaces - 1 - p - kUsualSpacing) / 2.5;
    places_[static_cast<std::size_t>(p)] = std::exp(-0.5 * off * off) + 0.005;
  }
  const double all = std::accumulate(places_.begin(), places_.end(), 0.0);
  for (double& p : places_) p /= all;
  usual_site_ = site_;
  usual_places_ = places_;
  LearnCodons({});
}

StartModel::AroundCounts StartModel::CountAround(std::span<const StartSurroundings> starts) {
  AroundCounts counts{};
  for (const StartSurroundings& start : starts) {
    for (std::size_t place = 0; place < counts.size(); ++place) {
      const std::uint8_t base = BaseAround(start, place);
      if (base < 4) counts[place][base] += 1;
    }
  }
  return counts;
}

double StartModel::PlaceScore(const StartSurroundings& start) const {
  double score = 0;
  for (std::size_t place = 0; place < around_.size(); ++place) {
    const std::uint8_t base = BaseAround(start, place);
    if (base < 4) score += around_[place][base];
  }
  return score;
}

void StartModel::Learn(std::span<const StartSurroundings> starts,
                       std::span<const StartSurroundings> decoys,
                       const std::array<double, 4>& genome) {
  constexpr int kRounds = 12;
  constexpr double kPriorStarts = 50;
  const AroundCounts of_starts = CountAround(starts), of_decoys = CountAround(decoys);
  for (std::size_t place = 0; place < around_.size(); ++place) {
    const auto sum = [&](const AroundCounts& counts) {
      return std::accumulate(counts[place].begin(), counts[place].end(), kPriorStarts);
    };
    for (std::size_t base = 0; base < 4; ++base) {
      const double there = of_starts[place][base] + kPriorStarts * genome[base];
      const double elsewhere = of_decoys[place][base] + kPriorStarts * genome[base];
      around_[place][base] = std::log(there / sum(of_starts) * sum(of_decoys) / elsewhere);
    }
  }
  genome_ = genome;
  LearnCodons(starts);
  for (int round = 0; round < kRounds; ++round) LearnSites(starts);
}

void StartModel::LearnCodons(std::span<const StartSurroundings> starts) {
  constexpr double kPriorStarts = 100;
  std::array<double, kCodons> counts{};
  for (const StartSurroundings& start : starts) {
    if (start.codon >= 0) counts[static_cast<std::size_t>(start.codon)] += 1;
  }
  const double all = std::accumulate(counts.begin(), counts.end(), kPriorStarts);
  for (std::size_t c = 0; c < counts.size(); ++c) {
    if (codon_prior_[c] == 0) continue;
    const double there = (counts[c] + kPriorStarts * codon_prior_[c]) / all;
    const double elsewhere = genome_[c / 16] * genome_[c / 4 % 4] * genome_[c % 4];
    codons_[c] = std::log(there / elsewhere);
  }
}

// For each place the probability of a site there, times that of its bases in a site divided by
// that elsewhere.
StartModel::PlaceArray StartModel::SiteRatios(const StartSurroundings& start) const {
  PlaceArray ratios{};
  for (std::size_t p = 0; p < places_.size(); ++p) {
    double ratio = places_[p];
    for (std::size_t i = 0; i < site_.size(); ++i) {
      const std::uint8_t base = start.upstream[p + i];
      if (base < 4) ratio *= site_[i][base] / genome_[base];
    }
    ratios[p] = ratio;
  }
  return ratios;
}

double StartModel::SiteScore(const StartSurroundings& start) const {
  const PlaceArray ratios = SiteRatios(start);
  const double sum = std::accumulate(ratios.begin(), ratios.end(), 0.0);
  return std::log(1 - share_with_site_ + share_with_site_ * sum);
}

// One round of expectation maximisation.
void StartModel::LearnSites(std::span<const StartSurroundings> starts) {
  constexpr double kPriorStarts = 50;
  std::array<std::array<double, 4>, kSiteBases> bases{};
  PlaceArray places{};
  double with_site = 0;
  for (const StartSurroundings& start : starts) {
    const PlaceArray ratios = SiteRatios(start);
    const double sum = std::accumulate(ratios.begin(), ratios.end(), 0.0);
    const double scale = share_with_site_ / (1 - share_with_site_ + share_with_site_ * sum);
    for (std::size_t p = 0; p < places.size(); ++p) {
      const double weight = ratios[p] * scale;
      places[p] += weight;
      with_site += weight;
      for (std::size_t i = 0; i < bases.size(); ++i) {
        if (start.upstream[p + i] < 4) bases[i][start.upstream[p + i]] += weight;
      }
    }
  }
  for (std::size_t i = 0; i < bases.size(); ++i) {
    const double all = std::accumulate(bases[i].begin(), bases[i].end(), kPriorStarts);
    for (std::size_t b = 0; b < 4; ++b)
      site_[i][b] = (bases[i][b] + kPriorStarts * usual_site_[i][b]) / all;
  }
  for (std::size_t p = 0; p < places.size(); ++p)
    places_[p] = (places[p] + kPriorStarts * usual_places_[p]) / (with_site + kPriorStarts);
  share_with_site_ =
      (with_site + 0.6 * kPriorStarts) / (static_cast<double>(starts.size()) + kPriorStarts);
}

}  // namespace lockstep
