// data.mix: other corpora that training reads beside --corpus.
#pragma once

#include <string>
#include <vector>

#include "launch/config/source_weights.h"

namespace lockstep {

// Reads "FOLDER=WEIGHT, ..."; a folder has no comma in its name. Empty text gives none. UsageError
// naming what is allowed.
std::vector<NamedWeight> MixFromText(const std::string& text);

// How many samples of another corpus are read in each epoch: `weight` for every training sample of
// the first corpus, rounded to the nearest whole number (halves up). UsageError if that is no
// sample, or more than kMostSourceWeight for each of the other's `sequences`.
Index MixedReads(const NamedWeight& other, Index first_sequences, Index sequences);

}  // namespace lockstep
