// The genes that labels of bases mean, where the labels are those of an annotation.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/dna/base_labels.h"
#include "data/dna/genes/gene.h"

namespace lockstep {

// `labels` [bases] are classes of the set, or kIgnoredTarget. A gene is a run of coding bases of
// one strand, as far as the positions in the codon go on (BaseLabels::kFrame); it is open where it
// does not begin with a start codon or end with a stop codon, or, with BaseLabels::kStrand, at an
// end of the labels. In the order of their begins. Of two genes that overlap, each base has the
// label of one only; so the other is cut there.
std::vector<Gene> GenesOfLabels(BaseLabels set, std::span<const std::int32_t> labels);

}  // namespace lockstep
