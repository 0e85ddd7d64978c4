#include "launch/tasks/speech/pause_cut.h"

#include "worker/decode/log_posteriors.h"

namespace lockstep {

Index CutInPause(std::span<const float> logits, Index classes) {
  const LogPosteriors posteriors(logits, classes);
  const Index steps = posteriors.frames();
  Index longest = 0, cut = steps, run = 0;
  for (Index t = steps / 2; t < steps; ++t) {
    run = posteriors.Best(t) == kCtcBlank ? run + 1 : 0;
    if (run > longest) {
      longest = run;
      cut = t + 1 - run / 2;
    }
  }
  return cut;
}

}  // namespace lockstep
