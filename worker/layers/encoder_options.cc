#include "worker/layers/encoder_options.h"

namespace lockstep {

Index LookAheadOf(const EncoderOptions& options, Index layer) {
  const auto given = static_cast<Index>(options.lookahead.size());
  if (given == options.layers) return options.lookahead[static_cast<std::size_t>(layer)];
  return given == 1 && layer + 1 == options.layers ? options.lookahead[0] : 0;
}

Index TotalLookAhead(const EncoderOptions& options) {
  Index steps = 0;
  for (Index l = 0; l < options.layers; ++l) steps += LookAheadOf(options, l);
  return steps;
}

}  // namespace lockstep
