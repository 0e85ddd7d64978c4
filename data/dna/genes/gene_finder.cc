#include "data/dna/genes/gene_finder.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace lockstep {
namespace {

// Genes that end closer to the end of a block are found again in the next one, where all of their
// surroundings are known. Longer than nearly all genes of prokaryotes.
constexpr Index kUnsettled = 30000;
// Bases before the begin of a block that may hold the binding site of its first gene.
constexpr Index kLead = 64;
// Bases behind the origin that are added to a circular record; genes over the origin are shorter.
constexpr Index kOriginOverlap = 30000;

// Keeps the genes of a block that bases after it cannot change, which end before `limit`. Genes
// that overlap are kept together. Returns where the next block begins: with the last gene that was
// kept, because the score of the next gene depends on its distance from that.
Index KeepSettled(Index block_begin, Index limit, std::vector<Gene>* genes) {
  std::size_t settled = 0;
  for (std::size_t i = 0; i < genes->size() && (*genes)[i].end <= limit; ++i) {
    const bool is_last = i + 1 == genes->size();
    if (is_last || (*genes)[i + 1].begin >= (*genes)[i].end) settled = i + 1;
  }
  genes->resize(settled);
  if (settled == 0) return limit - kLead;
  const Index again = genes->back().begin - kLead;
  return again > block_begin ? again : genes->back().end;
}

}  // namespace

GeneFinder::GeneFinder(const GeneFinderOptions& options, const EvidenceFile& evidence)
    : options_(options),
      evidence_(evidence),
      code_(GeneticCode::FromNumber(options.genetic_code)),
      style_(code_) {}

// Cuts a record at its gaps.
std::vector<GeneFinder::Stretch> GeneFinder::StretchesOf(const EvidenceRecord& record) const {
  std::vector<Stretch> stretches;
  Index begin = 0, ambiguous = 0;
  const auto end_stretch = [&](Index end, bool at_gap) {
    const bool circular = record.circular;
    if (end > begin) stretches.push_back({begin, end, begin > 0 || !circular, at_gap || !circular});
  };
  const Index bases = record.bases + (record.circular ? std::min(record.bases, kOriginOverlap) : 0);
  for (Index piece = 0; piece < bases; piece += options_.block_bases) {
    const Index piece_end = std::min(bases, piece + options_.block_bases);
    const std::vector<std::uint8_t> bytes = evidence_.Read(record, piece, piece_end);
    const EvidenceView view{bytes};
    for (Index i = piece; i < piece_end; ++i) {
      ambiguous = view.Code(i - piece) > 3 ? ambiguous + 1 : 0;
      if (ambiguous == kShortestGap) end_stretch(i + 1 - ambiguous, true);
      if (ambiguous >= kShortestGap) begin = i + 1;
    }
  }
  end_stretch(bases, false);
  return stretches;
}

// The best chain of a block; positions count from the begin of the record. Tells `lesson`, if it is
// not null.
std::vector<Gene> GeneFinder::BestGenes(const EvidenceRecord& record, const Stretch& block,
                                        GenomeLesson* lesson) const {
  const std::vector<std::uint8_t> bytes = evidence_.Read(record, block.begin, block.end);
  GeneScoring scoring(options_.scoring, code_, style_, EvidenceView(bytes), block.low_open,
                      block.high_open);
  const std::vector<Gene> candidates = scoring.Candidates();
  std::vector<Gene> genes = BestChain(candidates, links_, options_.scoring.weights.link);
  if (lesson != nullptr) lesson->Study(scoring, candidates, genes);
  for (Gene& gene : genes) {
    gene.begin += block.begin;
    gene.end += block.begin;
  }
  return genes;
}

void GeneFinder::Find(const EvidenceRecord& record, const TakeGenes& take) const {
  record.circular ? take(FindCircular(record)) : FindLinear(record, take);
}

void GeneFinder::FindLinear(const EvidenceRecord& record, const TakeGenes& take) const {
  for (Stretch rest : StretchesOf(record)) {
    Index taken_until = rest.begin;
    const auto find = [&](const Stretch& block) {
      std::vector<Gene> genes = BestGenes(record, block, nullptr);
      std::erase_if(genes, [&](const Gene& gene) { return gene.end <= taken_until; });
      return genes;
    };
    while (rest.end - rest.begin > options_.block_bases) {
      const Stretch block{rest.begin, rest.begin + options_.block_bases, rest.low_open, false};
      std::vector<Gene> genes = find(block);
      rest.begin = KeepSettled(block.begin, block.end - kUnsettled, &genes);
      rest.low_open = false;
      if (!genes.empty()) taken_until = genes.back().end;
      take(genes);
    }
    take(find(rest));
  }
}

std::vector<Gene> GeneFinder::FindCircular(const EvidenceRecord& record) const {
  std::vector<Gene> genes;
  Index over_origin = 0;  // where the gene over the origin ends, counted from there
  FindLinear(record, [&](const std::vector<Gene>& part) {
    for (const Gene& gene : part) {
      if (gene.begin >= record.bases || gene.bases() > record.bases) continue;
      genes.push_back(gene);
      over_origin = std::max(over_origin, gene.end - record.bases);
    }
  });
  // The bases behind the origin were looked at twice, the first time without those before it.
  std::erase_if(genes, [&](const Gene& gene) { return gene.begin < over_origin; });
  return genes;
}

void GeneFinder::Study(GenomeLesson* lesson) const {
  const double share = static_cast<double>(options_.learned_bases) /
                       static_cast<double>(std::max(evidence_.bases(), options_.learned_bases));
  double due = 0;  // bases that should have been studied by now, less those that were
  for (const EvidenceRecord& record : evidence_.records()) {
    for (const Stretch& stretch : StretchesOf(record)) {
      for (Index begin = stretch.begin; begin < stretch.end; begin += options_.block_bases) {
        const Index end = std::min(stretch.end, begin + options_.block_bases);
        due += share * static_cast<double>(end - begin);
        if (due <= 0) continue;
        due -= static_cast<double>(end - begin);
        BestGenes(record,
                  {begin, end, stretch.low_open && begin == stretch.begin,
                   stretch.high_open && end == stretch.end},
                  lesson);
      }
    }
  }
}

void GeneFinder::Learn() {
  // Bacteria have genes on 80 to 95 % of their bases. A model that sees hardly any does not know
  // such genomes; then long open reading frames teach the first round. If that finds few genes,
  // too, chance has made the frames, and what they taught is worth nothing.
  constexpr double kFewGenes = 0.1, kFewByFrames = 0.3;
  const auto untaught = std::pair(style_, links_);
  bool by_frames = false;
  double share = 0;
  for (int round = 0; round < options_.rounds; ++round) {
    GenomeLesson lesson;
    Study(&lesson);
    if (round == 0 && lesson.GeneShare() < kFewGenes) {
      by_frames = true;
      style_.usage = CodonUsage::OfOpenFrames(code_, lesson.BaseShares());
      style_.trust = 0;
      lesson = {};
      Study(&lesson);
    }
    share = lesson.GeneShare();
    lesson.Apply(&style_, &links_);
    style_.open_frames = CodonUsage::OfOpenFrames(code_, lesson.BaseShares());
    style_.foreign_genes = round + 1 == options_.rounds;
  }
  if (!by_frames || share >= kFewByFrames) return;
  std::tie(style_, links_) = untaught;
  style_.trust = 1;  // nothing else is known
}

}  // namespace lockstep
