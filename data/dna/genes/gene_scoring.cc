#include "data/dna/genes/gene_scoring.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "data/dna/fasta.h"

namespace lockstep {
namespace {

std::vector<std::uint8_t> CodesOf(EvidenceView evidence) {
  std::vector<std::uint8_t> codes(static_cast<std::size_t>(evidence.bases()));
  for (std::size_t i = 0; i < codes.size(); ++i) codes[i] = evidence.Code(static_cast<Index>(i));
  return codes;
}

// log(exp(a) + exp(b)): of two explanations, either of which may be true.
double LogOfSum(double a, double b) {
  return std::max(a, b) + std::log1p(std::exp(-std::abs(a - b)));
}

}  // namespace

GeneScoring::GeneScoring(const Options& options, const GeneticCode& code, const GenomeStyle& style,
                         EvidenceView evidence, bool low_open, bool high_open)
    : options_(options),
      code_(code),
      style_(style),
      evidence_(evidence),
      low_open_(low_open),
      high_open_(high_open),
      words_(WordsOf(CodesOf(evidence))) {}

std::vector<Gene> GeneScoring::Candidates() {
  candidates_.clear();
  for (Index offset = 0; offset < kCodonPositions; ++offset) {
    ScanPlus(offset);
    ScanMinus(offset);
  }
  std::sort(candidates_.begin(), candidates_.end(), [](const Gene& a, const Gene& b) {
    return std::tuple(a.end, a.begin, a.plus_strand) < std::tuple(b.end, b.begin, b.plus_strand);
  });
  return std::move(candidates_);
}

// The base as it is read on a strand; 4 outside of the stretch.
std::uint8_t GeneScoring::BaseAt(bool plus_strand, Index base) const {
  if (base < 0 || base >= evidence_.bases()) return 4;
  const std::uint8_t code = evidence_.Code(base);
  return plus_strand ? code : ComplementOf(code);
}

// The codon whose lowest base is `low`.
int GeneScoring::CodonAt(bool plus_strand, Index low) const {
  const Index first = plus_strand ? low : low + 2;
  const Index last = plus_strand ? low + 2 : low;
  return CodonOf(BaseAt(plus_strand, first), BaseAt(plus_strand, low + 1),
                 BaseAt(plus_strand, last));
}

void GeneScoring::AddCodon(bool plus_strand, Index low, Frame* frame) const {
  const std::vector<std::int16_t>& words = words_.Of(plus_strand);
  for (int i = 0; i < kCodonPositions; ++i) {
    const int position = plus_strand ? i : kCodonPositions - 1 - i;
    const int word = words[static_cast<std::size_t>(low + i)];
    CodonSums& sums = frame->sums;
    sums.model += static_cast<double>(evidence_.Coding(plus_strand, position, low + i));
    sums.usage += static_cast<double>(style_.usage.Score(position, word));
    sums.open += static_cast<double>(style_.open_frames.Score(position, word));
  }
}

void GeneScoring::ScanPlus(Index offset) {
  Frame frame;
  if (low_open_) frame.starts.push_back({offset, {}, true});
  Index low = offset;
  for (; low + kCodonPositions <= evidence_.bases(); low += kCodonPositions) {
    const int codon = CodonAt(true, low);
    if (code_.IsStart(codon)) frame.starts.push_back({low, frame.sums, false});
    AddCodon(true, low, &frame);
    if (!code_.IsStop(codon)) continue;
    EndPlus(low + kCodonPositions, false, &frame);
    frame = {};
  }
  if (high_open_) EndPlus(low, true, &frame);
}

void GeneScoring::EndPlus(Index end, bool open_stop, Frame* frame) {
  for (const Start& start : frame->starts) {
    Gene gene{start.first_base, end, true, start.open, open_stop};
    AddCandidate(gene, frame->sums - start.before,
                 (start.before - frame->starts.front().before).open);
  }
  KeepBest();
}

// From the low end of a gene, its stop codon, to its start codons.
void GeneScoring::ScanMinus(Index offset) {
  Frame frame;
  frame.low = offset;
  frame.open_stop = true;
  bool in_frame = low_open_;
  Index low = offset;
  for (; low + kCodonPositions <= evidence_.bases(); low += kCodonPositions) {
    const int codon = CodonAt(false, low);
    if (code_.IsStop(codon)) {
      EndMinus(&frame);
      frame = {};
      frame.low = low;
      in_frame = true;
    }
    if (!in_frame) continue;
    AddCodon(false, low, &frame);
    if (code_.IsStart(codon)) frame.starts.push_back({low + 2, frame.sums, false});
  }
  if (high_open_ && in_frame) frame.starts.push_back({low - 1, frame.sums, true});
  EndMinus(&frame);
}

void GeneScoring::EndMinus(Frame* frame) {
  for (const Start& start : frame->starts) {
    Gene gene{frame->low, start.first_base + 1, false, start.open, frame->open_stop};
    AddCandidate(gene, start.before, (frame->starts.back().before - start.before).open);
  }
  KeepBest();
}

// A model that is sure of something wrong is so for whole genes, and some genes use codons in
// another way: then the sums of thousands of bases would outweigh everything else. So each of both
// can speak against a gene only as much as such genes are rare.
double GeneScoring::BaseScore(const CodonSums& sums) const {
  const GeneWeights& w = options_.weights;
  const double model = LogOfSum(style_.trust * w.model * sums.model, w.unseen);
  const double usage = w.usage * sums.usage;
  if (!style_.foreign_genes) return model + usage;
  return model + LogOfSum(usage, w.foreign + w.usage * sums.open);
}

// `unused`: how surprising it is that the frame is open between its first start codon and this one,
// in nats. Before the start of a gene, a frame stays open by chance only.
void GeneScoring::AddCandidate(Gene gene, const CodonSums& sums, double unused) {
  const bool open = gene.open_start || gene.open_stop;
  if (gene.bases() < (open ? options_.min_open : options_.min_bases)) return;
  const GeneWeights& w = options_.weights;
  gene.model_score = sums.model;
  gene.base_score = BaseScore(sums);
  gene.score = gene.base_score;
  constexpr double kUsualBases = 230;
  gene.score += w.length * std::min(0.0, std::log(static_cast<double>(gene.bases()) / kUsualBases));
  if (!open) ConsiderRemnant(gene);
  // What a start can add is bounded.
  constexpr double kMostOfStart = 25;
  if (gene.score < options_.min_score - kMostOfStart) return;
  if (!gene.open_start) gene.score += StartScore(gene);
  of_frame_.push_back({gene, gene.score - w.unused * std::log1p(unused)});
}

double GeneScoring::StartScore(const Gene& gene) const {
  const GeneWeights& w = options_.weights;
  const StartSurroundings around = Surroundings(gene.plus_strand, gene.first_base());
  return w.start_bias + w.codon * style_.starts.CodonScore(around) +
         w.site * style_.starts.SiteScore(around) + w.place * style_.starts.PlaceScore(around) +
         std::sqrt(style_.trust) * w.model_start *
             static_cast<double>(evidence_.Start(gene.plus_strand, gene.first_base()));
}

// Where mutations have broken a gene, what is left reads like one for a long time, but no start
// codon of it looks like that of a gene.
void GeneScoring::ConsiderRemnant(const Gene& gene) {
  const double score = gene.score + options_.weights.remnant;
  if (score < 0 || (remnant_ && remnant_->score >= score)) return;
  remnant_ = gene;
  remnant_->score = score;
  remnant_->is_remnant = true;
}

// Moves the best starts of an open reading frame to the candidates. How much of the frame is unused
// says which start is the right one, but nothing of whether there is a gene: the best start keeps
// its score, and the others have theirs in comparison with it.
void GeneScoring::KeepBest() {
  const auto by_rank = [](const StartChoice& a, const StartChoice& b) {
    return std::tuple(-a.rank, a.gene.begin, a.gene.end) <
           std::tuple(-b.rank, b.gene.begin, b.gene.end);
  };
  const std::size_t kept = std::min(of_frame_.size(), options_.starts);
  const auto end = of_frame_.begin() + static_cast<Index>(kept);
  std::partial_sort(of_frame_.begin(), end, of_frame_.end(), by_rank);
  for (auto choice = of_frame_.begin(); choice != end; ++choice) {
    Gene& gene = choice->gene;
    gene.score = of_frame_.front().gene.score + choice->rank - of_frame_.front().rank;
    if (gene.score >= options_.min_score) candidates_.push_back(gene);
  }
  of_frame_.clear();
  if (remnant_) candidates_.push_back(*remnant_);
  remnant_.reset();
}

StartSurroundings GeneScoring::Surroundings(bool plus_strand, Index first_base) const {
  StartSurroundings around;
  const Index step = plus_strand ? 1 : -1;
  for (Index i = 0; i < kUpstreamBases; ++i) {
    around.upstream[static_cast<std::size_t>(i)] =
        BaseAt(plus_strand, first_base + step * (i - kUpstreamBases));
  }
  for (Index i = 0; i < kDownstreamBases; ++i) {
    around.downstream[static_cast<std::size_t>(i)] =
        BaseAt(plus_strand, first_base + step * (i + kCodonPositions));
  }
  around.codon = CodonAt(plus_strand, plus_strand ? first_base : first_base - 2);
  return around;
}

}  // namespace lockstep
