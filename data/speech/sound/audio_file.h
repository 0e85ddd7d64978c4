// Reads recordings as mono samples: WAV, FLAC and all other formats of libsndfile. Samples are
// floats on the scale of 16-bit integers, -32768 to 32768, as in Kaldi; those of 24-bit and
// floating-point files are scaled accordingly. Memory does not depend on the length of a recording.
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
#include "data/speech/sound/file_view.h"

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
  static constexpr int kOnlyChannel = -1;    // the file must have one
  static constexpr int kMixedChannels = -2;  // the mean of all channels
  static constexpr Index kChunkFrames = 16384;
  static constexpr float kFullScale = 32768;
  static constexpr Index kLowestRate = 1000;  // Hz
  static constexpr Index kHighestRate = 768000;

  // `channel` counts from 0, or is one of the two above. MissingInput if the file does not exist.
  // BadData that names the file if it is empty, not audio or cut short, if its lengths contradict
  // each other, or if its rate is outside the two bounds. UsageError if the file has no such
  // channel, or has several and none was chosen.
  explicit AudioFile(const std::string& path, int channel = kOnlyChannel);

  const AudioInfo& info() const { return info_; }
  const std::string& path() const { return path_; }

  // From now on, Next returns the samples of frames [begin, end); at first the range is the whole
  // file. UsageError if the range is not within the file. Going back in a compressed file decodes
  // it again from its beginning, so ranges should come in ascending order.
  void SetRange(Index begin, Index end);
  // The next 1 to kChunkFrames samples of the range, valid until the next call; empty at its end.
  // BadData if the file cannot be decoded there, or holds NaN, infinity or values of more than 2^20
  // times the full scale, which cannot be sound.
  std::span<const float> Next();
  // All remaining samples of the range.
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
  float Sample(Index row) const;
  [[noreturn]] void FailDecoding(Index got, Index wanted) const;

  void FindView();

  std::string path_;
  std::unique_ptr<FileView> view_;  // what file_ reads instead of the file, or null
  std::unique_ptr<SNDFILE, Close> file_;
  AudioInfo info_;
  bool seekable_ = false;      // the file is not compressed, so that seeking is exact
  Index counted_frames_ = -1;  // number of frames of MPEG layers I and II; -1: another format
  Index channel_ = 0;          // kMixedChannels or the number of one
  Index position_ = 0;         // the frame that is decoded next
  Index end_ = 0;              // the end of the range
  std::vector<float> frames_;  // [kChunkFrames, channels]
  std::vector<float> samples_;
};

}  // namespace lockstep
