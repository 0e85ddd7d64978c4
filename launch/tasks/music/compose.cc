#include "launch/tasks/music/compose.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/counter_rng.h"
#include "launch/run/scoring_slots.h"
#include "launch/run/step_predictor.h"

namespace lockstep {
namespace {

double Probability(float score, double temperature) {
  if (temperature == 0) return score > 0 ? 1 : 0;
  return 1 / (1 + std::exp(-static_cast<double>(score) / temperature));
}

// The keys of one step of a piece.
KeySet Draw(std::span<const float> scores, const CompositionOptions& options, Index piece,
            Index step) {
  const CounterRng rng(options.seed, RandomPurpose::kGenerate, static_cast<std::uint64_t>(piece),
                       static_cast<std::uint64_t>(step));
  KeySet keys;
  for (std::size_t key = 0; key < kKeys; ++key)
    keys.set(key, rng.Uniform(key) < Probability(scores[key], options.temperature));
  return keys;
}

void SetInputs(const KeySet& keys, std::span<std::int32_t> inputs) {
  for (std::size_t key = 0; key < kKeys; ++key) inputs[key] = keys[key] ? 1 : 0;
}

// Pieces first, first + 1 and so on, all at once.
void ComposeTogether(const TrainedModel& trained, const CompositionOptions& options, Index first,
                     std::span<PianoRoll> pieces) {
  StepPredictor predictor(trained, std::ssize(pieces));
  const Index given = std::ssize(options.prefix), steps = given + options.length;
  for (Index step = 0; step < steps; ++step) {
    const std::span<const float> scores = predictor.Next();
    for (std::size_t p = 0; p < pieces.size(); ++p) {
      const KeySet keys = step < given ? options.prefix[static_cast<std::size_t>(step)]
                                       : Draw(scores.subspan(p * kKeys, kKeys), options,
                                              first + static_cast<Index>(p), step);
      pieces[p].steps.push_back(keys);
      SetInputs(keys, predictor.inputs().subspan(p * kKeys, kKeys));
    }
  }
}

}  // namespace

std::vector<PianoRoll> Compose(const TrainedModel& trained, const CompositionOptions& options) {
  std::vector<PianoRoll> pieces(static_cast<std::size_t>(options.samples));
  for (std::size_t p = 0; p < pieces.size(); ++p) pieces[p].name = fmt::format("piece {}", p + 1);
  for (Index first = 0; first < options.samples; first += kSequencesOfASlot) {
    const Index count = std::min(kSequencesOfASlot, options.samples - first);
    ComposeTogether(trained, options, first,
                    std::span(pieces).subspan(static_cast<std::size_t>(first),
                                              static_cast<std::size_t>(count)));
  }
  return pieces;
}

}  // namespace lockstep
