// One utterance as a picture: its features over time as a heat map, the CTC posteriors below, and
// the recognised words at their times. A self-contained SVG of less than 1 MB, for browsers and
// papers.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/types.h"
#include "worker/decode/ctc_beam.h"

namespace lockstep {

struct SpectrogramPicture {
  std::string title;                // utterance id, say
  std::span<const float> features;  // [frames, bins], row-major
  Index bins = 0;
  double feature_seconds = 0;             // from one frame of the features to the next, > 0
  std::string bin_name = "mel bin";       // on the vertical axis
  std::string value_name = "log energy";  // at the colour scale
  const LogPosteriors* posteriors = nullptr;
  double frame_seconds = 0;             // from one frame of the posteriors to the next, > 0
  std::span<const std::string> labels;  // [C], names of the classes, [0] the blank
  std::span<const DecodedWord> words;   // frames count in the posteriors'
};

// Long utterances are drawn 120 pixels a second, up to 2400; frames that share a pixel show their
// mean (features) or their highest value (posteriors). Colours reach from the 1st to the 99th
// percentile of the features; values that are no numbers are drawn as the lowest. Lines are drawn
// for the blank, in grey, and for the 60 labels with the highest peaks that reach 0.05; names stand
// at the labels of the best path, as far as there is room. Words go to
// up to six rows; those that find no room are counted. UsageError when features or posteriors
// have no frames.
std::string SpectrogramSvg(const SpectrogramPicture& picture);

}  // namespace lockstep
