#include "launch/tasks/dna/label_genes.h"

#include <algorithm>

namespace lockstep {
namespace {

// What a class says of a base.
struct Base {
  bool is_coding = false, plus_strand = true;
  CodonKind kind = CodonKind::kInner;
  int position = 0;
};

Base BaseOf(BaseLabels set, std::int32_t label) {
  if (label <= kOtherClass) return {};
  if (set == BaseLabels::kStrand) return {true, label == kCodingPlusClass};
  const int place = label - 1, codons = place / kCodonPositions;
  return {true, codons < kCodonKinds, static_cast<CodonKind>(codons % kCodonKinds),
          place % kCodonPositions};
}

// Whether b, the base after a, belongs to the same gene.
bool GoesOn(BaseLabels set, const Base& a, const Base& b) {
  if (!a.is_coding || !b.is_coding || a.plus_strand != b.plus_strand) return false;
  if (set == BaseLabels::kStrand) return true;
  // In the direction in which the gene is read.
  const Base& first = a.plus_strand ? a : b;
  const Base& second = a.plus_strand ? b : a;
  const bool ends = first.kind == CodonKind::kStop && first.position == kCodonPositions - 1;
  const bool begins = second.kind == CodonKind::kStart && second.position == 0;
  return !ends && !begins && second.position == (first.position + 1) % kCodonPositions;
}

Gene GeneOf(BaseLabels set, std::span<const Base> bases, Index begin, Index end) {
  const Base& low = bases[static_cast<std::size_t>(begin)];
  const Base& high = bases[static_cast<std::size_t>(end - 1)];
  Gene gene;
  gene.begin = begin;
  gene.end = end;
  gene.plus_strand = low.plus_strand;
  bool low_open = begin == 0, high_open = end == std::ssize(bases);
  if (set == BaseLabels::kFrame) {
    low_open = low.kind != (gene.plus_strand ? CodonKind::kStart : CodonKind::kStop);
    high_open = high.kind != (gene.plus_strand ? CodonKind::kStop : CodonKind::kStart);
  }
  gene.open_start = gene.plus_strand ? low_open : high_open;
  gene.open_stop = gene.plus_strand ? high_open : low_open;
  return gene;
}

}  // namespace

std::vector<Gene> GenesOfLabels(BaseLabels set, std::span<const std::int32_t> labels) {
  std::vector<Base> bases;
  for (const std::int32_t label : labels) bases.push_back(BaseOf(set, label));
  std::vector<Gene> genes;
  for (std::size_t begin = 0, end = 0; begin < bases.size(); begin = end) {
    end = begin + 1;
    if (!bases[begin].is_coding) continue;
    while (end < bases.size() && GoesOn(set, bases[end - 1], bases[end])) ++end;
    genes.push_back(GeneOf(set, bases, static_cast<Index>(begin), static_cast<Index>(end)));
  }
  return genes;
}

}  // namespace lockstep
