// Which features are computed from a recording. Names, meanings and formulas are those of Kaldi
// (compute-fbank-feats, compute-mfcc-feats), whose results agree to 1e-3. There is no dither, so
// features are a function of the samples only.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/types.h"

namespace lockstep {

enum class FeatureKind {
  kFilterBank,  // "fbank": energies in mel bands, Kaldi's fbank
  kMfcc,        // "mfcc": their discrete cosine transform (Davis & Mermelstein 1980)
};

// The window functions, for n from 0 to N-1 and a = 2 pi n / (N-1).
enum class WindowKind {
  kPovey,        // "povey": (0.5 - 0.5 cos a)^0.85
  kHamming,      // "hamming": 0.54 - 0.46 cos a
  kHann,         // "hann": 0.5 - 0.5 cos a
  kRectangular,  // "rectangular": 1
};

struct FeatureOptions {
  FeatureKind kind = FeatureKind::kFilterBank;
  double sample_rate = 16000;   // Hz; recordings with another rate are resampled first
  double frame_length_ms = 25;  // with sample_rate: at least 2 samples
  double frame_shift_ms = 10;   // at least 1 sample
  double preemphasis = 0.97;    // 0..1: x(n) - preemphasis x(n-1)
  WindowKind window = WindowKind::kPovey;
  bool remove_dc_offset = true;       // subtract the mean of each frame
  bool round_to_power_of_two = true;  // length of the Fourier transform
  // True: all frames are within the recording; there are 1 + (samples - length) / shift of them.
  // False: the middles of all frames are within it; there are (samples + shift / 2) / shift of
  // them, and the recording is mirrored at both ends.
  bool snip_edges = true;

  // At least 3. 80 is usual for networks at 16 kHz; Kaldi's default is 23. If there are so many
  // that a band has no line of the spectrum, that is an error; use fewer bins or longer frames.
  Index num_mel_bins = 80;
  double low_freq = 20;   // Hz, lower end of the lowest band
  double high_freq = 0;   // Hz, upper end of the highest band; if <= 0, sample_rate / 2 is added
  bool use_power = true;  // false: magnitudes instead of their squares (fbank only)
  bool use_log_fbank = true;  // fbank only
  // Adds the log energy of the frame: as a column before the others (fbank), or in place of
  // cepstral coefficient 0 (mfcc, where Kaldi's default is true).
  bool use_energy = false;
  bool raw_energy = true;       // the energy is taken before pre-emphasis and window
  double energy_floor = 0;      // lower energies count as this; 0: the floor is 2^-23
  Index num_ceps = 13;          // mfcc: 1..num_mel_bins
  double cepstral_lifter = 22;  // mfcc: 0 is off

  Index FrameLength() const;        // samples
  Index FrameShift() const;         // samples
  Index FftSize() const;            // samples, even
  Index Width() const;              // columns of a feature matrix
  double HighestFrequency() const;  // Hz; the upper end that results from high_freq

  bool operator==(const FeatureOptions&) const = default;
};

// UsageError that lists all options that are wrong, each with its value and what is allowed.
void CheckFeatureOptions(const FeatureOptions& options);

// {"kind": "fbank", "sample_rate": 16000.0, ..}, all fields. Doubles survive the round trip.
nlohmann::json FeatureOptionsJson(const FeatureOptions& options);
std::string FeatureOptionsText(const FeatureOptions& options);
// BadData that names `file`, from which the text is, and the field if one is missing, unknown or of
// another type. Then calls CheckFeatureOptions.
FeatureOptions FeatureOptionsFromJson(const nlohmann::json& json, const std::string& file);
FeatureOptions FeatureOptionsFromText(const std::string& text, const std::string& file);

}  // namespace lockstep
