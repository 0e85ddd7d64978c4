// What a microphone in another place would have heard: level, noise and room, drawn anew for each
// sample and epoch. The features are logarithms of energies in mel bands, and energies of sounds
// that are not related add, so noise and echo are added to exp(features), without the sound itself.
// docs/numerics.md has the equations.
//   gain   all energies are multiplied by one factor
//   noise  frames of a noise recording are added at a drawn signal-to-noise ratio, as Lhotse's
//          FeatureMixer does (Zelasko et al. 2021, arXiv:2110.12561)
//   room   energies are convolved over frames with those of a room's response, band by band, as in
//          the melspectral convolution of Sehr & Kellermann (2008)
#pragma once

#include <span>
#include <vector>

#include "base/counter_rng.h"
#include "base/types.h"
#include "data/corpus/frame_store.h"

namespace lockstep {

struct EnergyMixOptions {
  double gain_db = 0;      // the level changes by up to this much, up or down
  double noise_share = 0;  // probability that noise is added
  double snr_low_db = 5;   // bounds of the signal-to-noise ratio
  double snr_high_db = 20;
  double room_share = 0;  // probability that the sample is heard in a room
  // Bounds of the reverberation time (60 dB) of rooms that are drawn; 0: rooms of the corpus.
  double room_low_seconds = 0;
  double room_high_seconds = 0;
  double frame_seconds = 0;  // from one frame to the next
  // Features are (log energy - mean) / deviation, by band; empty: they are the log energies.
  std::vector<float> mean = {};
  std::vector<float> deviation = {};

  bool IsIdentity() const { return gain_db == 0 && noise_share == 0 && room_share == 0; }
  bool uses_noise() const { return noise_share > 0; }
  bool uses_rooms() const { return room_share > 0 && room_high_seconds == 0; }
};

// The factor of an energy for a level in dB: 10^(decibels / 10).
double EnergyFactor(double decibels);

class EnergyMixer {
 public:
  // For frames of `width` bands, and samples of up to `most_frames` frames, for which it takes
  // memory. `noise` and `rooms` hold log energies, and are needed if the options use them.
  EnergyMixer(const EnergyMixOptions& options, Index width, Index most_frames,
              FrameCollection noise, FrameCollection rooms);

  // Changes the frames [frames, width] of a sample by the draws of `rng`. Allocates nothing.
  void Apply(const CounterRng& rng, std::span<float> frames);

 private:
  void AddGain(float log_factor, std::span<float> frames) const;
  void ToEnergies(std::span<const float> frames);
  void FromEnergies(std::span<float> frames);
  void AddRoom(const CounterRng& rng);
  void AddDrawnRoom(const CounterRng& rng);
  void AddStoredRoom(const CounterRng& rng);
  void AddNoise(const CounterRng& rng);
  Index Frames() const { return std::ssize(energies_) / width_; }

  EnergyMixOptions options_;
  Index width_;
  FrameCollection noise_;        // energies
  FrameCollection rooms_;        // energies
  std::vector<float> energies_;  // [frames, width] of the sample
  std::vector<float> before_;    // the same before a room of the corpus is added
  std::vector<double> echo_;     // [width]
};

}  // namespace lockstep
