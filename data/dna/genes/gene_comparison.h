// Compares genes that were found with an annotation: by bases, and gene by gene.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "data/dna/coding_sequence.h"
#include "data/dna/genome.h"
#include "data/dna/position_ranges.h"

namespace lockstep {

// Counts of genes, all of which lie wholly in the compared bases.
struct GeneCounts {
  Index annotated = 0;
  Index found = 0;
  Index stops = 0;  // found genes that end with an annotated one, on the same strand
  Index both = 0;   // of them, those that start with it, too
};

struct GeneComparison {
  // Longest annotated or found gene of each row of by_length, in bases, exclusive; the last row has
  // no limit.
  static constexpr std::array<Index, 4> kLengthLimits = {150, 300, 600, 1200};

  // Bases by class in the annotation, then by class as found: other, coding+, coding-. A base of
  // two genes belongs to the one that comes first in its file.
  std::array<std::array<Index, 3>, 3> bases{};
  GeneCounts genes;
  // The same by the length of the gene: annotated ones by that of the annotation, found ones by
  // their own; stops and both by that of the annotation.
  std::array<GeneCounts, kLengthLimits.size() + 1> by_length{};
  // The found ones that end with an annotated one, and all found ones, by their own length.
  std::array<Index, kLengthLimits.size() + 1> right_by_length{};
  // Annotated pseudogenes, and found genes that end with one. Neither count above.
  Index pseudo_annotated = 0;
  Index pseudo_found = 0;
};

// Compares on the bases of `ranges`, which are sorted. Takes disk space of two bytes per base in
// `folder`.
GeneComparison CompareGenes(const Genome& genome, const std::vector<SplitRange>& ranges,
                            const std::vector<CodingSequence>& annotated,
                            const std::vector<CodingSequence>& found, const std::string& folder);

}  // namespace lockstep
