// Finds the records that patterns name as parts of splits.
#pragma once

#include <vector>

#include "data/dna/genome.h"
#include "data/dna/position_ranges.h"

namespace lockstep {

// The positions of the records that the patterns of `options` name, in order; empty if it has none.
// A pattern is compared with the name of a record, and with the name of its file in front
// ("b.fa:chr1" or "b.fa:*"), because two files may have records of the same name. UsageError if a
// pattern matches no record, or a record is named for two splits.
std::vector<SplitRange> RangesOfRecords(const SplitRangeOptions& options, const GenomeFiles& files,
                                        const Genome& genome);

}  // namespace lockstep
