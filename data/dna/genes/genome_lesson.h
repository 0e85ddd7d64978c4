// What a genome teaches the gene finder: counts over its bases and over genes that are sure.
#pragma once

#include <array>
#include <map>
#include <utility>
#include <vector>

#include "data/dna/genes/gene_links.h"
#include "data/dna/genes/gene_scoring.h"

namespace lockstep {

class GenomeLesson {
 public:
  // Counts the bases of a stretch, and those of `genes`, which are the best chain of `candidates`,
  // that are sure.
  void Study(const GeneScoring& scoring, const std::vector<Gene>& candidates,
             const std::vector<Gene>& genes);
  // The share of the bases that lie in sure genes.
  double GeneShare() const;
  // The shares of A, C, G, T.
  std::array<double, 4> BaseShares() const;
  // Sets what was learned.
  void Apply(GenomeStyle* style, GeneLinks* links) const;

 private:
  void CountStarts(const GeneScoring& scoring, const std::vector<Gene>& candidates);
  void CountBases(const StrandWords& words);
  void CountGene(const GeneScoring& scoring, const Gene& gene);

  std::array<WordCounts, kCodonPositions> genes_{};
  WordCounts genome_{};
  std::array<double, 4> bases_{};
  Index gene_bases_ = 0;  // of sure genes
  Index doubted_ = 0;     // of them, those that the model says are none
  std::vector<StartSurroundings> starts_;
  std::vector<StartSurroundings> decoys_;
  std::map<std::pair<bool, Index>, Index> sure_;  // first base by strand and last base

  std::vector<Gene> neighbours_;
};

}  // namespace lockstep
