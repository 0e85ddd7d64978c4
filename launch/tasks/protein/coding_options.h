// Options of `lockstep prepare protein` and of predict for sequences that are coding DNA.
#pragma once

#include <optional>

#include "launch/frame/options.h"

namespace lockstep {

std::span<const OptionRow> CodingRows();

// The genetic code that --dna and --genetic-code ask for; nothing: sequences are amino acids.
// UsageError for a code that does not exist, or a code without --dna.
std::optional<int> CodingOf(const Options& options);

}  // namespace lockstep
