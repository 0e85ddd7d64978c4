// Sound that comes as a stream of bytes, on standard input for example: raw samples of one channel,
// or a WAV file of one channel, whose header is recognised and says what its samples are.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/types.h"

namespace lockstep {

enum class PcmEncoding {
  kSigned16,  // "s16le": signed 16-bit integers, little-endian
  kFloat32,   // "f32le": 32-bit floating point, little-endian, full scale at 1
};
// UsageError that lists the names; `option` begins the message.
PcmEncoding PcmEncodingFromName(const std::string& name, const std::string& option);
std::string PcmEncodingName(PcmEncoding encoding);

struct PcmFormat {
  Index sample_rate = 0;  // Hz
  PcmEncoding encoding = PcmEncoding::kSigned16;
  bool from_header = false;  // of a WAV file
};

class PcmStream {
 public:
  // `name` is what messages call the stream; `raw` is the format of bytes without a header.
  PcmStream(std::string name, PcmFormat raw) : name_(std::move(name)), format_(raw) {}

  // Adds bytes, however they were cut; appends the samples that are complete, on the scale of
  // 16-bit integers, as AudioFile gives them. BadData for a WAV header that cannot be used, for
  // samples that cannot be sound, as AudioFile, and for the beginnings of files of other forms.
  void Add(std::span<const char> bytes, std::vector<float>* samples);
  // Ends the stream. A piece of a sample at the end is dropped.
  void Finish(std::vector<float>* samples);

  // Not known before the first twelve bytes, or, if they begin a WAV header, all of it have come.
  std::optional<PcmFormat> format() const;
  Index samples() const { return samples_; }                  // so far
  Index dropped_bytes() const { return std::ssize(bytes_); }  // after Finish

 private:
  enum class State { kBeginning, kHeader, kSound, kAfter };
  void Begin();
  void RefuseOtherForms() const;
  void ReadHeader();
  void ReadFormat(std::span<const char> chunk);
  void Decode(std::vector<float>* samples);
  float Sample(const char* at) const;
  Index sample_bytes() const { return format_.encoding == PcmEncoding::kSigned16 ? 2 : 4; }

  std::string name_;
  PcmFormat format_;
  State state_ = State::kBeginning;
  std::string bytes_;     // that were not used yet
  Index sound_left_ = 0;  // bytes of sound that a WAV header promises
  Index samples_ = 0;
};

}  // namespace lockstep
