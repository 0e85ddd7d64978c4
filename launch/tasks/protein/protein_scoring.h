// What `lockstep evaluate` says of a protein corpus: Q3 (Q8, ...), the share of counted residues
// whose state is right, besides what it says of any classes per step.
#pragma once

#include <memory>

#include "launch/frame/options.h"
#include "launch/run/scoring.h"

namespace lockstep {

std::unique_ptr<Scoring> MakeProteinScoring(const Options& options, const CorpusInfo& corpus);

}  // namespace lockstep
