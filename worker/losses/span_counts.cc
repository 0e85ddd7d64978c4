#include "worker/losses/span_counts.h"

namespace lockstep {

void CountSpans(const SpanTags& tags, std::span<const std::int32_t> known,
                std::span<const std::int32_t> found, StepSums* sums) {
  tags.Compare(known, found, [&](const TagSpan& /*span*/, bool is_known, bool is_found) {
    const std::size_t place = is_known && is_found ? StepSums::kHits
                              : is_known           ? StepSums::kMisses
                                                   : StepSums::kFalseAlarms;
    ++sums->counts[place];
  });
}

}  // namespace lockstep
