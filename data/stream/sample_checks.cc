#include "data/stream/sample_checks.h"

#include "base/error.h"

namespace lockstep {
namespace {

// Frames can be changed where nothing else counts them: stacking, strides and stretching change
// their number.
void CheckFrames(const std::string& folder, const CorpusInfo& info, const FrameOptions& frames) {
  if (frames.IsIdentity()) return;
  if (!info.leading().is_real()) {
    throw UsageError(
        "the steps of corpus {} are ids, which cannot be stacked, masked or stretched: set "
        "data.stack = 1 and data.stride = 1 and leave out augment.*",
        folder);
  }
  if (frames.stack == 1 && frames.stride == 1 && frames.stretch == 0) return;
  for (std::size_t f = 1; f < info.schema.fields.size(); ++f) {
    const Field& field = info.schema.fields[f];
    if (field.alignment != Alignment::kStep && field.alignment != Alignment::kListInStep) continue;
    throw UsageError(
        "the steps of corpus {} cannot be joined, stretched or left out, as its field \"{}\" has a "
        "row for each of them: set data.stack = 1, data.stride = 1 and augment.stretch = 0",
        folder, field.name);
  }
}

}  // namespace

void CheckSamples(const std::string& folder, const CorpusInfo& info, const FrameOptions& frames,
                  const SpliceOptions& splice, bool random_strand) {
  CheckFrames(folder, info, frames);
  RequireSpliceable(info, splice);
  if (!random_strand) return;
  for (const Field& field : info.schema.fields) {
    // What belongs to the whole sequence may be the same on both strands.
    const bool may_stay = field.alignment == Alignment::kSequence;
    const bool turns = !field.is_real() && field.alignment == Alignment::kStep &&
                       field.width == 1 && !info.schema.VocabularyOf(field).complement.empty();
    if (may_stay || turns) continue;
    throw UsageError(
        "random strands are asked for, but corpus {} (kind \"{}\") has no complements of its field "
        "\"{}\"; set data.random_strand = false",
        folder, info.kind, field.name);
  }
}

}  // namespace lockstep
