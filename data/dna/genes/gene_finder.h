// Finds the genes of a genome from what a model says of its bases. Everything else that it needs to
// know, it learns from the genome itself: first it finds genes by the model alone; from those it
// learns codon usage, start codons, ribosome binding sites and distances, with which it finds genes
// again, and so on. So genes of species that the model was not trained on are found, too.
//
// A record is worked on in stretches, which end at gaps (runs of ambiguous bases), and long
// stretches in blocks, so that memory does not grow with the genome.
#pragma once

#include <functional>
#include <vector>

#include "data/dna/genes/evidence_file.h"
#include "data/dna/genes/gene_links.h"
#include "data/dna/genes/gene_scoring.h"
#include "data/dna/genes/genome_lesson.h"

namespace lockstep {

struct GeneFinderOptions {
  int genetic_code = 11;  // NCBI's number
  GeneScoring::Options scoring;
  // Rounds of learning. The first one finds most genes; after the third, hardly any gene changes.
  int rounds = 3;
  Index learned_bases = Index{8} << 20;  // learns from about this many, spread evenly
  Index block_bases = Index{1} << 21;    // held in memory at a time, about 60 bytes for each
};

class GeneFinder {
 public:
  using TakeGenes = std::function<void(const std::vector<Gene>&)>;
  // Ambiguous bases; no gene crosses as many or more. Shorter runs are single bases that could not
  // be read, inside of genes as well as outside.
  static constexpr Index kShortestGap = 10;

  // `evidence` must outlive the finder.
  GeneFinder(const GeneFinderOptions& options, const EvidenceFile& evidence);

  // Learns from the genome. Without, Find uses what is known of bacteria in general.
  void Learn();
  // The genes of a record, in the order of their begins. `take` is called for one part of them
  // after the other. In a circular record, a gene over the origin ends after the record, and none
  // is cut off at its ends.
  void Find(const EvidenceRecord& record, const TakeGenes& take) const;

 private:
  // Some bases of a record. Genes may be cut off where it is open.
  struct Stretch {
    Index begin;
    Index end;
    bool low_open;
    bool high_open;
  };

  std::vector<Stretch> StretchesOf(const EvidenceRecord& record) const;
  std::vector<Gene> BestGenes(const EvidenceRecord& record, const Stretch& block,
                              GenomeLesson* lesson) const;
  void FindLinear(const EvidenceRecord& record, const TakeGenes& take) const;
  std::vector<Gene> FindCircular(const EvidenceRecord& record) const;
  void Study(GenomeLesson* lesson) const;

  GeneFinderOptions options_;
  const EvidenceFile& evidence_;
  GeneticCode code_;
  GenomeStyle style_;
  GeneLinks links_;
};

}  // namespace lockstep
