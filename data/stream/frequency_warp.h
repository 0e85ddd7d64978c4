// Vocal tract length perturbation (Jaitly & Hinton 2013): each sample sounds as if a speaker with a
// longer or shorter vocal tract had said it, whose formants lie lower or higher. The frequency axis
// of the features, u in [0, 1], is warped by the all-pass function
//   w(u) = u + 2/pi atan(a sin(pi u) / (1 - a cos(pi u))),
// which keeps both ends. S'(u) = S(w(u)) is linear in the log spectrum, and so in mel bands, in
// cepstra (Pitz & Ney 2005) and in their deltas: a warp is one small matrix.
#pragma once

#include <span>
#include <vector>

#include "base/counter_rng.h"
#include "base/types.h"

namespace lockstep {

struct FrequencyWarpOptions {
  double largest = 0;    // a is drawn evenly from -largest to largest; below 1
  bool cepstra = false;  // features are cepstra, otherwise log energies of mel bands
  // [bins], cepstra: coefficient k is its weight times the mean over bands of
  // cos(pi k u) times the log energy; empty: all weights are 1.
  std::vector<double> weights = {};
  // Features are (feature - mean) / deviation, [width]; empty: they are not normalised.
  std::vector<double> mean = {};
  std::vector<double> deviation = {};
  // Frames that `mean` counts for beside those of a sample, whose own mean would move with the
  // warp; 0: the mean does not depend on the sample.
  double mean_frames = 0;
  // Above 0: a frame is normalised by `mean` and the frames up to it; a frame that lies this many
  // frames back counts 1 / e. 0: by `mean` and all frames of the sample.
  double forgetting_frames = 0;

  bool IsIdentity() const { return largest == 0; }
};

class FrequencyWarp {
 public:
  // For frames of `width` features, which are width / bins blocks: values, deltas, ..
  FrequencyWarp(const FrequencyWarpOptions& options, Index width, Index bins);

  // Bytes of the matrices.
  static Index Bytes(Index width, Index bins);

  // Warps the frames [frames, width] of a sample by a draw of `rng`. Allocates nothing.
  void Apply(const CounterRng& rng, std::span<float> frames);

 private:
  struct Warp {
    std::vector<float> matrices;  // [blocks, bins, bins]
    std::vector<float> offsets;   // [width]
  };
  std::vector<double> MatrixOf(double a) const;
  void FillCepstra(double a, std::vector<double>* matrix) const;
  void FillBands(double a, std::vector<double>* matrix) const;
  Warp Normalised(const std::vector<double>& matrix) const;
  void ApplyTo(const Warp& warp, double share, float* x);

  FrequencyWarpOptions options_;
  Index width_, bins_;
  std::vector<Warp> warps_;
  std::vector<float> row_;  // [width]
};

}  // namespace lockstep
