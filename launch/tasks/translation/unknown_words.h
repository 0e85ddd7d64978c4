// Unknown words of a translation, replaced by words of its source.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "data/translation/pair_encoder.h"
#include "launch/frame/options.h"
#include "launch/run/trained_model.h"
#include "worker/decode/token_search.h"

namespace lockstep {

// UsageError if --replace-unknown cannot be had because tokens of a side are no words. The model
// must have attention, too (search_options.h).
void CheckReplacesUnknown(const PairEncoder& encoder);

// The tokens of a hypothesis that comes with its attention. Each unknown one is replaced by the
// word of the source with the largest attention weight at that step, the first of equals (Jean et
// al. 2015, arXiv:1412.2007, section 3.3), so that names pass through. `words` are the tokens of
// the source, without its end, whose weight does not count.
std::vector<std::string> ReplaceUnknown(const PairEncoder& encoder, const Hypothesis& hypothesis,
                                        std::span<const std::string> words);

}  // namespace lockstep
