#include "data/dna/genes/genome_lesson.h"

namespace lockstep {
namespace {

// Genes with a lower score are left out: errors would be learned, too.
constexpr double kSureScore = 12;

}  // namespace

void GenomeLesson::Study(const GeneScoring& scoring, const std::vector<Gene>& candidates,
                         const std::vector<Gene>& genes) {
  sure_.clear();
  CountBases(scoring.words());
  for (const Gene& gene : genes) {
    if (gene.score < kSureScore || gene.is_remnant) continue;
    neighbours_.push_back(gene);
    CountGene(scoring, gene);
    if (!gene.open_start) sure_[{gene.plus_strand, gene.last_base()}] = gene.first_base();
  }
  CountStarts(scoring, candidates);
}

// The starts of the sure genes, and the other ones of their open reading frames.
void GenomeLesson::CountStarts(const GeneScoring& scoring, const std::vector<Gene>& candidates) {
  for (const Gene& candidate : candidates) {
    const auto found = sure_.find({candidate.plus_strand, candidate.last_base()});
    if (found == sure_.end() || candidate.open_start) continue;
    const bool is_start = found->second == candidate.first_base();
    (is_start ? starts_ : decoys_)
        .push_back(scoring.Surroundings(candidate.plus_strand, candidate.first_base()));
  }
}

void GenomeLesson::CountBases(const StrandWords& words) {
  for (const std::vector<std::int16_t>* strand : {&words.plus, &words.minus}) {
    for (const std::int16_t word : *strand) {
      if (word < 0) continue;
      genome_[static_cast<std::size_t>(word)] += 1;
      bases_[static_cast<std::size_t>(word % 4)] += 1;
    }
  }
}

// Genes consist of whole codons, also where they are cut off.
void GenomeLesson::CountGene(const GeneScoring& scoring, const Gene& gene) {
  const std::vector<std::int16_t>& words = scoring.words().Of(gene.plus_strand);
  for (Index base = gene.begin; base < gene.end; ++base) {
    const Index read = gene.plus_strand ? base - gene.begin : gene.end - 1 - base;
    const auto position = static_cast<int>(read % kCodonPositions);
    const std::int16_t word = words[static_cast<std::size_t>(base)];
    if (word >= 0) genes_[static_cast<std::size_t>(position)][static_cast<std::size_t>(word)] += 1;
    doubted_ += scoring.evidence().Coding(gene.plus_strand, position, base) < 0 ? 1 : 0;
    ++gene_bases_;
  }
}

double GenomeLesson::GeneShare() const {
  double words = 0;  // on both strands
  for (const double count : bases_) words += count;
  return words == 0 ? 0 : 2 * static_cast<double>(gene_bases_) / words;
}

std::array<double, 4> GenomeLesson::BaseShares() const {
  std::array<double, 4> shares{};
  double all = 4;
  for (const double count : bases_) all += count;
  for (std::size_t b = 0; b < shares.size(); ++b) shares[b] = (bases_[b] + 1) / all;
  return shares;
}

void GenomeLesson::Apply(GenomeStyle* style, GeneLinks* links) const {
  style->usage = CodonUsage(genes_, genome_);
  style->starts.Learn(starts_, decoys_, BaseShares());
  links->Learn(neighbours_);
  if (gene_bases_ > 0)
    style->LearnTrust(static_cast<double>(doubted_) / static_cast<double>(gene_bases_));
}

}  // namespace lockstep
