// Gives every possible gene a score: a weighted sum of what the model says of its bases, of its
// codon usage, and of its start. Positive scores speak for a gene.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "data/dna/genes/base_evidence.h"
#include "data/dna/genes/codon_usage.h"
#include "data/dna/genes/gene.h"
#include "data/dna/genes/start_model.h"

namespace lockstep {

// The weights were chosen on the validation bases of E. coli and on genomes of other species that
// the model was not trained on (docs/genes.md).
struct GeneWeights {
  double model = 0.035;      // per nat that the model says of the bases, times GenomeStyle::trust
  double usage = 1.2;        // per nat of the codon usage
  double unseen = -12;       // the model sees nothing of a gene: the most that it says against one
  double foreign = -14;      // a gene uses codons like no other gene of the genome
  double codon = 2.7;        // per nat of the start codon
  double site = 1.75;        // per nat of the ribosome binding site
  double place = 1.8;        // per nat of the bases around the start codon
  double model_start = 0.8;  // per nat that the model says of the start codon, times sqrt(trust)
  double start_bias = -2;    // every start
  double unused = 10.5;      // per ln(1 + nats) of the open frame before a start
  double length = 14;        // per ln of the length over 230 bases, if the gene is shorter
  double link = 0.7;         // per nat of the distance between neighbours
  double remnant = -20;      // every remnant of a gene
};

// What is learned from a genome.
struct GenomeStyle {
  explicit GenomeStyle(const GeneticCode& code) : starts(code) {}
  // How far the model can be trusted on this genome, 0 to 1, from the share of the bases of sure
  // genes of which it says that they are none.
  void LearnTrust(double errors) {
    constexpr double kTrustHalved = 0.0135;
    trust = kTrustHalved / (kTrustHalved + errors);
  }

  CodonUsage usage;
  // What chance makes of the genome's bases: how surprising it is that no codon of a reading frame
  // is a stop codon. All that is known of genes with another codon usage, such as those of viruses.
  CodonUsage open_frames;
  // Genes may be of foreign codon usage. Not while the rest is learned: such genes would teach a
  // codon usage that is wrong.
  bool foreign_genes = false;
  StartModel starts;
  double trust = 0.25;  // as for a genome of a species that the model was not trained on
};

// Finds the possible genes of one stretch of bases.
class GeneScoring {
 public:
  struct Options {
    GeneWeights weights;
    Index min_bases = 90;    // of a whole gene, with its stop codon
    Index min_open = 60;     // of a gene that is cut off
    double min_score = -8;   // worse ones are left out
    std::size_t starts = 8;  // the best ones of each open reading frame are kept
  };
  // `low_open` and `high_open`: genes may begin before the stretch, and end after it. The arguments
  // must outlive the object.
  GeneScoring(const Options& options, const GeneticCode& code, const GenomeStyle& style,
              EvidenceView evidence, bool low_open, bool high_open);

  // All candidates, by ascending end, then begin. Positions count from the begin of the stretch.
  std::vector<Gene> Candidates();

  StartSurroundings Surroundings(bool plus_strand, Index first_base) const;
  const StrandWords& words() const { return words_; }
  EvidenceView evidence() const { return evidence_; }

 private:
  // Sums over codons of one frame: of what the model says, of the codon usage of the genome, and of
  // the absence of stop codons, each in nats.
  struct CodonSums {
    double model = 0;
    double usage = 0;
    double open = 0;
    CodonSums operator-(const CodonSums& o) const {
      return {model - o.model, usage - o.usage, open - o.open};
    }
  };
  // A codon at which a gene may start.
  struct Start {
    Index first_base;
    CodonSums before;  // of the codons of the frame that come before it in the stretch
    bool open;
  };
  // The current open reading frame.
  struct Frame {
    Index low = 0;  // its lowest base
    CodonSums sums;
    bool open_stop = false;
    std::vector<Start> starts;
  };
  // A gene with one of the starts of its reading frame.
  struct StartChoice {
    Gene gene;
    double rank;  // the starts of one frame are compared by it
  };

  void ScanPlus(Index offset);
  void ScanMinus(Index offset);
  int CodonAt(bool plus_strand, Index low) const;
  void AddCodon(bool plus_strand, Index low, Frame* frame) const;
  void EndPlus(Index end, bool open_stop, Frame* frame);
  void EndMinus(Frame* frame);
  double BaseScore(const CodonSums& sums) const;
  void AddCandidate(Gene gene, const CodonSums& sums, double unused);
  double StartScore(const Gene& gene) const;
  void ConsiderRemnant(const Gene& gene);
  void KeepBest();
  std::uint8_t BaseAt(bool plus_strand, Index base) const;

  const Options& options_;
  const GeneticCode& code_;
  const GenomeStyle& style_;
  EvidenceView evidence_;
  bool low_open_;
  bool high_open_;
  StrandWords words_;
  std::vector<StartChoice> of_frame_;
  std::optional<Gene> remnant_;  // the best one of the frame
  std::vector<Gene> candidates_;
};

}  // namespace lockstep
