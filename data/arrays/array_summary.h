// What an importer of arrays tells the user at the end.
#pragma once

#include <string>
#include <vector>

#include "data/arrays/array_corpus.h"

namespace lockstep {

// Sizes of the splits, inputs by name with their statistics, what the targets were taken for,
// classes of every split, missing values and what became of them. At most 40 rows per table.
std::vector<std::string> SummaryLines(const ArrayCorpusSummary& summary);
// What the user should look at, one sentence each: columns left out, constant columns, what was
// skipped, missing values that the training split does not have.
std::vector<std::string> SummaryWarnings(const ArrayCorpusSummary& summary);

}  // namespace lockstep
