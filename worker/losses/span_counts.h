// Counts the spans of tags (data/batch/span_tags.h) that a model found, as the script conlleval of
// the CoNLL shared tasks counts them: a span is right if both ends and the type are.
#pragma once

#include <cstdint>
#include <span>

#include "data/batch/span_tags.h"
#include "worker/losses/step_sums.h"

namespace lockstep {

// Adds the spans of one sequence to the places kHits, kFalseAlarms and kMisses of `sums`. `known`
// and `found` are tag ids; a step whose known tag is ignored (below 0) is outside of all spans.
void CountSpans(const SpanTags& tags, std::span<const std::int32_t> known,
                std::span<const std::int32_t> found, StepSums* sums);

}  // namespace lockstep
