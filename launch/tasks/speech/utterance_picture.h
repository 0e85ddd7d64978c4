// The picture of a recognised utterance: spectrogram, posteriors and words (spectrogram_svg.h).
#pragma once

#include <span>
#include <string>

#include "data/corpus/shard_format.h"
#include "launch/tasks/speech/transcript_writer.h"

namespace lockstep {

// What a picture is drawn of.
struct Pictured {
  std::span<const float> features;  // [frames, width], before stacking
  Index width = 0;
  std::span<const float> logits;
  const Transcript* transcript = nullptr;
};

// The picture as SVG. `corpus` says how the features were made.
std::string PictureOf(const Pictured& pictured, const CorpusInfo& corpus);

}  // namespace lockstep
