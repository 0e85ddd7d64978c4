#include "data/speech/sound/pcm_stream.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include "base/error.h"
#include "data/speech/sound/audio_file.h"

namespace lockstep {
namespace {

constexpr std::size_t kFormHead = 12;            // "RIFF", length, "WAVE"
constexpr std::size_t kChunkHead = 8;            // name and length
constexpr std::size_t kLongestHeader = 1 << 20;  // of pictures and texts before the sound
constexpr float kLargestSample = 0x1p20f;        // times full scale, as AudioFile
// Programs that write into a pipe cannot know the length, and write 0 or a number like these
// (data/speech/sound/riff_header.h).
constexpr Index kUnknownLength = 0x7FFF0000;

Index Integer(const char* at, int bytes) {
  Index value = 0;
  for (int i = bytes - 1; i >= 0; --i) value = value << 8 | static_cast<unsigned char>(at[i]);
  return value;
}

}  // namespace

PcmEncoding PcmEncodingFromName(const std::string& name, const std::string& option) {
  if (name == "s16le") return PcmEncoding::kSigned16;
  if (name == "f32le") return PcmEncoding::kFloat32;
  throw UsageError("{} is \"{}\"; allowed are s16le and f32le", option, name);
}

std::string PcmEncodingName(PcmEncoding encoding) {
  return encoding == PcmEncoding::kSigned16 ? "s16le" : "f32le";
}

std::optional<PcmFormat> PcmStream::format() const {
  if (state_ == State::kBeginning || state_ == State::kHeader) return std::nullopt;
  return format_;
}

void PcmStream::Add(std::span<const char> bytes, std::vector<float>* samples) {
  bytes_.append(bytes.data(), bytes.size());
  if (state_ == State::kBeginning && bytes_.size() >= kFormHead) Begin();
  if (state_ == State::kHeader) ReadHeader();
  if (state_ == State::kSound) Decode(samples);
  if (state_ == State::kAfter) bytes_.clear();
}

void PcmStream::Finish(std::vector<float>* samples) {
  if (state_ == State::kHeader) {
    throw BadData("{}: a WAV header of {} bytes without sound; was its program stopped?", name_,
                  bytes_.size());
  }
  if (state_ != State::kBeginning) return;
  state_ = State::kSound;
  sound_left_ = std::numeric_limits<Index>::max();
  Decode(samples);
}

// Such bytes would be taken for noise, of which words can be made, too.
void PcmStream::RefuseOtherForms() const {
  constexpr std::pair<std::string_view, const char*> kForms[] = {
      {"fLaC", "FLAC"},
      {"OggS", "Ogg"},
      {"ID3", "MP3"},
      {"RIFF", "RIFF (but not WAVE)"},
      {"\x1A\x45\xDF\xA3", "Matroska or WebM"},
      {"RIFX", "RIFX"},
      {"RF64", "RF64"},
      {"FORM", "AIFF"},
      {".snd", "AU"},
      {"caff", "CAF"},
      {"riff", "W64"},
      {"BW64", "BW64"},
      {"NIST", "NIST"},
      {"ftyp", "MPEG-4"}};
  for (const auto& [begin, form] : kForms) {
    if (bytes_.compare(form == std::string_view("MPEG-4") ? 4 : 0, begin.size(), begin) != 0)
      continue;
    throw BadData(
        "{}: the sound is a file in the form {}, but only WAV and raw samples can be read as a "
        "stream; convert it on the way: ffmpeg -i - -f wav -ac 1 -",
        name_, form);
  }
}

void PcmStream::Begin() {
  const bool is_wav = bytes_.starts_with("RIFF") && bytes_.compare(8, 4, "WAVE") == 0;
  if (!is_wav) RefuseOtherForms();
  state_ = is_wav ? State::kHeader : State::kSound;
  sound_left_ = std::numeric_limits<Index>::max();
  if (is_wav) format_.sample_rate = 0;
}

// Goes through the chunks up to the sound, as soon as all of them have come.
void PcmStream::ReadHeader() {
  for (std::size_t at = kFormHead; at + kChunkHead <= bytes_.size();) {
    const std::string name = bytes_.substr(at, 4);
    const Index length = Integer(bytes_.data() + at + 4, 4);
    at += kChunkHead;
    if (name == "data") {
      if (format_.sample_rate == 0) throw BadData("{}: a WAV header without its chunk fmt", name_);
      if (length > 0 && length < kUnknownLength) sound_left_ = length;
      bytes_.erase(0, at);
      state_ = State::kSound;
      return;
    }
    const std::size_t end = at + static_cast<std::size_t>(length + length % 2);
    if (end > kLongestHeader) throw BadData("{}: the WAV header has no end; is it damaged?", name_);
    if (end > bytes_.size()) return;
    if (name == "fmt ") ReadFormat(std::span(bytes_).subspan(at, static_cast<std::size_t>(length)));
    at = end;
  }
}

void PcmStream::ReadFormat(std::span<const char> chunk) {
  constexpr std::size_t kShortest = 16, kExtended = 26;
  if (chunk.size() < kShortest) throw BadData("{}: the chunk fmt of the WAV header is cut", name_);
  Index kind = Integer(chunk.data(), 2);
  if (kind == 0xFFFE && chunk.size() >= kExtended) kind = Integer(chunk.data() + 24, 2);
  const Index channels = Integer(chunk.data() + 2, 2), bits = Integer(chunk.data() + 14, 2);
  format_.sample_rate = Integer(chunk.data() + 4, 4);
  format_.from_header = true;
  format_.encoding = kind == 3 ? PcmEncoding::kFloat32 : PcmEncoding::kSigned16;
  const bool known = (kind == 1 && bits == 16) || (kind == 3 && bits == 32);
  if (!known || channels != 1) {
    throw BadData(
        "{}: WAV of format {}, {} bits, {} channels; allowed are 16-bit integers and 32-bit floats "
        "of one channel: convert it on the way, for example with `sox - -b 16 -c 1 -t wav -`",
        name_, kind, bits, channels);
  }
  if (format_.sample_rate >= AudioFile::kLowestRate &&
      format_.sample_rate <= AudioFile::kHighestRate)
    return;
  throw BadData("{}: the WAV header says {} samples a second, allowed are {}..{}", name_,
                format_.sample_rate, AudioFile::kLowestRate, AudioFile::kHighestRate);
}

// What follows the sound that a header promises is no sound.
void PcmStream::Decode(std::vector<float>* samples) {
  const Index size = sample_bytes();
  const Index count = std::min(std::ssize(bytes_), sound_left_) / size;
  samples->reserve(samples->size() + static_cast<std::size_t>(count));
  for (Index i = 0; i < count; ++i, ++samples_) {
    const float sample = Sample(bytes_.data() + i * size);
    if (!(std::abs(sample) <= kLargestSample * AudioFile::kFullScale)) {
      throw BadData(
          "{}: sample {} is {} times full scale, which is no sound; is the encoding {} right?",
          name_, samples_, sample / AudioFile::kFullScale, PcmEncodingName(format_.encoding));
    }
    samples->push_back(sample);
  }
  bytes_.erase(0, static_cast<std::size_t>(count * size));
  sound_left_ -= count * size;
  if (sound_left_ < size) state_ = State::kAfter;
}

float PcmStream::Sample(const char* at) const {
  if (format_.encoding == PcmEncoding::kSigned16) {
    return static_cast<float>(static_cast<std::int16_t>(Integer(at, 2)));
  }
  return std::bit_cast<float>(static_cast<std::uint32_t>(Integer(at, 4))) * AudioFile::kFullScale;
}

}  // namespace lockstep
