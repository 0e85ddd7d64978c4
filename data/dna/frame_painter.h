// Gives the bases of coding sequences their classes of BaseLabels::kFrame.
#pragma once

#include "data/dna/base_labels.h"
#include "data/dna/coding_sequence.h"
#include "data/dna/genome.h"
#include "data/dna/label_file.h"

namespace lockstep {

// Paints the codons of one kind. Where genes overlap, a base has one class only, the one that was
// painted first. So that the ends of genes are seen, and equally on both strands, all stop codons
// are to be painted first, then all start codons, then the others.
//
// Bases of a pseudogene become kUnlabelledBase, which is painted with the inner codons: they look
// like a gene, but their frame is broken somewhere, so they are targets of no class.
void PaintFrames(const CodingSequence& sequence, const GenomeRecord& record, CodonKind kind,
                 LabelFile* labels);

}  // namespace lockstep
