#include "data/stream/sample_cuts.h"

#include <algorithm>

#include "base/counter_rng.h"
#include "base/error.h"

namespace lockstep {

Index SampleCuts::FirstBorder(Index draw, std::uint64_t sample_id, Index length) const {
  if (!cuts() || length <= steps_) return length;
  if (!drawn_) return steps_;
  const CounterRng rng(seed_, RandomPurpose::kSampleCuts, static_cast<std::uint64_t>(draw));
  return 1 + static_cast<Index>(rng.Below(sample_id, static_cast<std::uint64_t>(steps_)));
}

Index SampleCuts::Count(Index draw, std::uint64_t sample_id, Index length) const {
  const Index left = length - FirstBorder(draw, sample_id, length);
  return left == 0 ? 1 : 1 + (left + steps_ - 1) / steps_;
}

SamplePiece SampleCuts::Piece(Index draw, std::uint64_t sample_id, Index length,
                              Index piece) const {
  const Index border = FirstBorder(draw, sample_id, length);
  if (piece == 0) return {0, border};
  const Index first = border + (piece - 1) * steps_;
  LOCKSTEP_CHECK(piece > 0 && first < length);
  return {first, std::min(steps_, length - first)};
}

// A sample of L steps has one piece if L <= W, and at most 1 + ceil((L - 1) / W) otherwise. Both
// 2 + (L - 2) / W and, from W = 2 on, 1 + 2 L / (W + 2) are at least that. The first one is close
// for long samples, the second one for short ones.
Index MostPieces(Index sequences, Index steps, Index cut_steps) {
  if (cut_steps == 0) return sequences;
  if (cut_steps == 1) return steps;
  const Index of_long = 2 * sequences + std::max<Index>(0, steps - 2 * sequences) / cut_steps;
  const Index of_short = sequences + 2 * steps / (cut_steps + 2);
  return std::min({steps, of_long, of_short});
}

// A border is at each step but the first with probability 1 / W.
EpochSize CutSize(const EpochSize& samples, Index cut_steps) {
  if (cut_steps == 0) return samples;
  const double borders = (samples.steps - samples.sequences) / static_cast<double>(cut_steps);
  return {samples.sequences + std::max(0.0, borders), samples.steps};
}

}  // namespace lockstep
