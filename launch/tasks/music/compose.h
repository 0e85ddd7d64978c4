// Makes new music by a trained model, one step after another: each key sounds with the probability
// that the model gives it after the steps before, drawn independently of the other keys.
#pragma once

#include <cstdint>
#include <vector>

#include "data/music/piano_roll.h"
#include "launch/run/trained_model.h"

namespace lockstep {

struct CompositionOptions {
  Index samples = 1;   // pieces, 1 or more
  Index length = 128;  // steps of each piece behind the prefix, 1 or more
  std::uint64_t seed = 1;
  // Outputs are divided by it before the sigmoid: below 1 likely keys become likelier; 0: each key
  // with a probability above 1/2 sounds, and no other.
  double temperature = 1;
  std::vector<KeySet> prefix = {};  // what each piece begins with
};

// Pieces of prefix.size() + length steps. Piece i is a pure function of the model, seed, i and the
// other options but `samples`. The corpus of the model must be one of music.
std::vector<PianoRoll> Compose(const TrainedModel& trained, const CompositionOptions& options);

}  // namespace lockstep
