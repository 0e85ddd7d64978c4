// `lockstep prepare dna`: genomes with annotations, or a synthetic genome, to a corpus.
#pragma once

#include "launch/frame/options.h"

namespace lockstep {

// `arguments` are those after the word dna.
ExitCode PrepareDnaVerb(const Arguments& arguments);

}  // namespace lockstep
