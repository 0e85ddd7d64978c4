// Computes features of speech as Kaldi does: log-mel filter banks and MFCC. A recording, with
// samples on the scale of 16-bit integers, becomes rows [frames, width], one row per frame,
// row-major.
//
//   FeatureExtractor extractor(options);
//   std::vector<float> rows(extractor.Frames(n) * extractor.width());
//   extractor.Compute(samples, rows.data());
//
// The same bits on every instruction set. Use one object per thread.
#pragma once

#include <span>
#include <vector>

#include "base/types.h"
#include "data/speech/features/feature_options.h"
#include "data/speech/features/frame_window.h"
#include "data/speech/features/mel_bank.h"
#include "data/speech/features/real_fft.h"

namespace lockstep {

class FeatureExtractor {
 public:
  // Throws the UsageErrors of CheckFeatureOptions and MelBank.
  explicit FeatureExtractor(const FeatureOptions& options);

  const FeatureOptions& options() const { return options_; }
  Index width() const { return options_.Width(); }
  // The number of frames of a recording; 0 if it is shorter than one frame (with snip_edges) or
  // than half a shift (without).
  Index Frames(Index samples) const;
  // Sets `rows` [Frames(samples.size()), width()].
  void Compute(std::span<const float> samples, float* rows);

  // The index of the first sample of a frame. Without snip_edges, the first frames have negative
  // ones.
  Index FirstSample(Index frame) const;
  // Sets `row` [width()] from the samples of one frame, [options().FrameLength()].
  void ComputeFrame(const float* frame, float* row);

 private:
  void FillCepstrumMatrix();
  void ComputeFilterBank(float* row);
  void ComputeCepstrum(float* row);
  float LogEnergy() const;

  FeatureOptions options_;
  FrameWindow window_;
  RealFft fft_;
  MelBank bank_;
  std::vector<float> cepstrum_;  // [num_ceps, num_mel_bins]: cosine transform, liftered; mfcc only
  std::vector<float> windowed_;  // [FftSize()]
  std::vector<float> spectrum_;  // [FftSize() / 2 + 1]
  std::vector<float> energies_;  // [num_mel_bins]
  std::vector<float> mirrored_;  // [FrameLength()]
};

// Computes the same rows, bit for bit, from a recording that comes in pieces of any size. Takes the
// memory of two frames and one piece.
class FeatureStream {
 public:
  // `extractor` must outlive the stream.
  explicit FeatureStream(FeatureExtractor* extractor) : extractor_(extractor) {}

  // Adds samples; appends the rows that are complete with them.
  void Add(std::span<const float> samples, std::vector<float>* rows);
  // Ends the recording: appends the last rows. Then the stream is ready for the next recording.
  void Finish(std::vector<float>* rows);

 private:
  void AppendRow(std::vector<float>* rows);
  void DropUsed();

  FeatureExtractor* extractor_;
  std::vector<float> kept_;  // the samples from index kept_begin_ on
  Index kept_begin_ = 0;
  Index next_frame_ = 0;
  std::vector<float> mirrored_;
};

}  // namespace lockstep
