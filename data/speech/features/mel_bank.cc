#include "data/speech/features/mel_bank.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace lockstep {
namespace {

double Mel(double frequency) { return 1127 * std::log1p(frequency / 700); }

}  // namespace

MelBank::MelBank(const FeatureOptions& options) {
  for (Index bin = 0; bin < options.num_mel_bins; ++bin) AddBand(options, bin);
}

void MelBank::AddBand(const FeatureOptions& options, Index bin) {
  const double low = Mel(options.low_freq);
  const double width =
      (Mel(options.HighestFrequency()) - low) / static_cast<double>(options.num_mel_bins + 1);
  const double left = low + static_cast<double>(bin) * width;
  const double line_width = options.sample_rate / static_cast<double>(options.FftSize());
  Band band{-1, 0, static_cast<Index>(weights_.size())};
  for (Index line = 0; line < options.FftSize() / 2; ++line) {
    const double place = (Mel(line_width * static_cast<double>(line)) - left) / width;
    if (place <= 0 || place >= 2) continue;
    if (band.first_line < 0) band.first_line = line;
    weights_.push_back(static_cast<float>(std::min(place, 2 - place)));
    ++band.lines;
  }
  if (band.lines == 0) {
    throw UsageError(
        "num_mel_bins is {}: no line of the spectrum lies in band {}, because lines are {} Hz "
        "apart; use fewer bins, a longer frame_length_ms, or a higher low_freq",
        options.num_mel_bins, bin, line_width);
  }
  bands_.push_back(band);
}

void MelBank::Apply(const float* spectrum, float* energies) const {
  for (const Band& band : bands_) {
    float sum = 0;
    for (Index i = 0; i < band.lines; ++i) {
      sum +=
          weights_[static_cast<std::size_t>(band.first_weight + i)] * spectrum[band.first_line + i];
    }
    *energies++ = sum;
  }
}

}  // namespace lockstep
