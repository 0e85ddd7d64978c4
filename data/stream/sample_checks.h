// Which corpora each change to samples is for.
#pragma once

#include <string>

#include "data/corpus/shard_format.h"
#include "data/stream/frame_transform.h"
#include "data/stream/splice.h"

namespace lockstep {

// UsageError if samples cannot be changed so: frames of a corpus of ids, or frames that are joined
// or stretched beside a row of another field for each of them; splices where there are no lists of
// labels; or random strands of a corpus without complements.
void CheckSamples(const std::string& folder, const CorpusInfo& info, const FrameOptions& frames,
                  const SpliceOptions& splice, bool random_strand);

}  // namespace lockstep
