// Best path decoding of CTC (Graves et al. 2006, section 3.2): takes the likeliest class of every
// frame, merges runs of one class to one label, and drops blanks. It is fast, but does not always
// find the likeliest labelling, whose probability is a sum over paths (worker/decode/ctc_beam.h).
#pragma once

#include <vector>

#include "worker/decode/log_posteriors.h"

namespace lockstep {

// A label and its frames, which count from 0; last_frame is inclusive.
struct CtcLabel {
  Index label = 0;
  Index first_frame = 0;
  Index last_frame = 0;
  // The highest posterior of the label in its frames. Not the mean: CTC models show a label as a
  // short peak, and the length of its decline says nothing about how certain the label is.
  double confidence = 0;
};

// If several classes of a frame are equally likely, the lowest one counts.
std::vector<CtcLabel> DecodeGreedy(const LogPosteriors& posteriors);

}  // namespace lockstep
