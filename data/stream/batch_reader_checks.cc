// Which corpora the options of a BatchReader are for.
#include "base/error.h"
#include "data/stream/batch_reader.h"

namespace lockstep {

void BatchReader::CheckOptions(const std::string& folder) const {
  CheckFrames(folder);
  RequireSpliceable(info_, options_.splice);
  if (!options_.random_strand) return;
  for (const Field& field : info_.schema.fields) {
    // What belongs to the whole sequence may be the same on both strands.
    const bool may_stay = field.alignment == Alignment::kSequence;
    const bool turns = !field.is_real() && field.alignment == Alignment::kStep &&
                       field.width == 1 && !info_.schema.VocabularyOf(field).complement.empty();
    if (may_stay || turns) continue;
    throw UsageError(
        "random strands are asked for, but corpus {} (kind \"{}\") has no complements of its field "
        "\"{}\"; set data.random_strand = false",
        folder, info_.kind, field.name);
  }
}

// Frames can be changed where nothing else counts them: stacking, strides and stretching change
// their number.
void BatchReader::CheckFrames(const std::string& folder) const {
  if (options_.frames.IsIdentity()) return;
  if (!info_.leading().is_real()) {
    throw UsageError(
        "the steps of corpus {} are ids, which cannot be stacked, masked or stretched: set "
        "data.stack = 1 and "
        "data.stride = 1 and leave out augment.*",
        folder);
  }
  const FrameOptions& frames = options_.frames;
  if (frames.stack == 1 && frames.stride == 1 && frames.stretch == 0) return;
  for (std::size_t f = 1; f < info_.schema.fields.size(); ++f) {
    const Field& field = info_.schema.fields[f];
    if (field.alignment != Alignment::kStep && field.alignment != Alignment::kListInStep) continue;
    throw UsageError(
        "the steps of corpus {} cannot be joined, stretched or left out, as its field \"{}\" has a "
        "row for each of "
        "them: set data.stack = 1, data.stride = 1 and augment.stretch = 0",
        folder, field.name);
  }
}

}  // namespace lockstep
