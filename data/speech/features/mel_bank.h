// Triangular bands, equally wide on the mel scale, mel(f) = 1127 log(1 + f / 700) (Kaldi, HTK).
// Band b rises from 0 at edge b to 1 at edge b + 1 and falls to 0 at edge b + 2; the edges divide
// mel(low_freq) .. mel(high_freq) into num_mel_bins + 1 equal parts.
#pragma once

#include <vector>

#include "base/types.h"
#include "data/speech/features/feature_options.h"

namespace lockstep {

class MelBank {
 public:
  // UsageError if some band has no line of the spectrum.
  explicit MelBank(const FeatureOptions& options);

  Index bins() const { return static_cast<Index>(bands_.size()); }
  // Sets `energies` [bins()] to the weighted sums of `spectrum` [FftSize() / 2 + 1]. The line at
  // half the sample rate is not used, as in Kaldi.
  void Apply(const float* spectrum, float* energies) const;

 private:
  struct Band {
    Index first_line;
    Index lines;
    Index first_weight;
  };

  void AddBand(const FeatureOptions& options, Index bin);

  std::vector<Band> bands_;
  std::vector<float> weights_;  // weights of all bands, one band after another
};

}  // namespace lockstep
