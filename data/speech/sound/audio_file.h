// Recordings as mono samples: WAV, FLAC and whatever else libsndfile reads. Samples are floats on
// the scale of 16-bit integers, -32768 .. 32768, which is Kaldi's; 24-bit and floating-point files
// are brought to it by their full scale. Memory is constant, whatever the length.
//
//   AudioFile file("a.flac");
//   file.SetRange(16000, 48000);
//   for (std::span<const float> chunk; !(chunk = file.Next()).empty();) stream.Add(chunk, &rows);
//
// Use one object per thread.
#pragma once

#include <sndfile.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/types.h"

namespace lockstep {

struct AudioInfo {
  Index sample_rate = 0;  // Hz
  Index channels = 0;
  Index frames = 0;    // samples of each channel
  std::string format;  // "WAV (Microsoft), Signed 16 bit PCM"
  bool operator==(const AudioInfo&) const = default;
};

class AudioFile {
 public:
  static constexpr int kOnlyChannel = -1;  // the file must have one
  static constexpr Index kChunkFrames = 16384;
  static constexpr Index kLowestRate = 1000;  // Hz
  static constexpr Index kHighestRate = 768000;

  // MissingInput when the file is not there; BadData names the file when it is empty, no audio, cut
  // short, of lengths that contradict each other, or of a rate outside the two bounds; UsageError
  // when `channel`, from 0, is none of its channels, or not chosen though there are several.
  explicit AudioFile(const std::string& path, int channel = kOnlyChannel);

  const AudioInfo& info() const { return info_; }
  const std::string& path() const { return path_; }

  // The next samples are those of frames [begin, end); a new object stands at the whole file.
  // UsageError when that is not in the file. Going back in a compressed file decodes it anew from
  // its beginning, so ask in ascending order.
  void SetRange(Index begin, Index end);
  // The next samples of the range, 1 .. kChunkFrames of them, valid until the next call; empty at
  // its end. BadData when the file cannot be decoded there, or holds a NaN or what is no sound
  // (an infinity, more than 2^20 times the full scale).
  std::span<const float> Next();
  // All that is left of the range.
  std::vector<float> ReadRest();

 private:
  struct Close {
    void operator()(SNDFILE* file) const { sf_close(file); }
  };

  void Open();
  void Reopen();
  void CheckInfo(int format) const;
  void CheckChannel(int channel) const;
  void MoveTo(Index frame);
  Index Decode(Index frames);
  [[noreturn]] void FailDecoding(Index got, Index wanted) const;

  std::string path_;
  std::unique_ptr<SNDFILE, Close> file_;
  AudioInfo info_;
  bool seekable_ = false;  // uncompressed: seeking is exact
  Index channel_ = 0;
  Index position_ = 0;         // frame that is decoded next
  Index end_ = 0;              // of the range
  std::vector<float> frames_;  // [kChunkFrames, channels]
  std::vector<float> samples_;
};

}  // namespace lockstep
