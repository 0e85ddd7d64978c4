// Best path decoding of CTC (Graves et al. 2006, section 3.2): the likeliest class of every frame,
// runs of one class taken as one label, blanks dropped. Fast, and not always the likeliest
// labelling: that sums over paths (worker/decode/ctc_beam.h).
#pragma once

#include <vector>

#include "worker/decode/log_posteriors.h"

namespace lockstep {

// A label and where it stands. Frames count from 0, both inclusive.
struct CtcLabel {
  Index label = 0;
  Index first_frame = 0;
  Index last_frame = 0;
  // The highest posterior of the label in its frames: CTC says a label once, in a peak; how long it
  // fades into the blank says nothing of it.
  double confidence = 0;
};

// Of equal classes of a frame the lowest counts. No frames, no labels.
std::vector<CtcLabel> DecodeGreedy(const LogPosteriors& posteriors);

}  // namespace lockstep
