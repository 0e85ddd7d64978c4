// Takes labels away where the labels of overlapping genes follow each other in a way that
// FrameOrder does not allow, so that every sequence of labels can be one of a model that keeps it.
#pragma once

#include "data/dna/genome.h"
#include "data/dna/label_file.h"

namespace lockstep {

// Returns the number of bases that lost their labels.
Index KeepFrameOrder(const Genome& genome, LabelFile* labels);

}  // namespace lockstep
