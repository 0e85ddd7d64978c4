#include "data/speech/sound/audio_file.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>

#include "base/error.h"
#include "base/shell_word.h"
#include "data/speech/sound/declared_lengths.h"
#include "data/speech/sound/mpeg_frames.h"
#include "data/speech/sound/riff_header.h"

namespace lockstep {
namespace {

constexpr float kLargestSample = 0x1p20f;      // full scale is 1, but some files hold 32768
constexpr Index kMostFrames = Index{1} << 40;  // 2 years at 16 kHz; more means "unknown"
constexpr const char* kRemedy = "convert it to WAV or FLAC, for example with ffmpeg or sox";

std::string FormatName(int command, int format) {
  SF_FORMAT_INFO info{};
  info.format = format;
  sf_command(nullptr, command, &info, sizeof(info));
  return info.name == nullptr ? fmt::format("format 0x{:x}", format) : info.name;
}

// True if all frames have the same number of bytes. Then libsndfile seeks exactly; in FLAC, Ogg and
// MP3 it has had errors (libsndfile issues 34, 103, 610).
bool HasEqualFrames(int format) {
  switch (format & SF_FORMAT_SUBMASK) {
    case SF_FORMAT_PCM_S8:
    case SF_FORMAT_PCM_U8:
    case SF_FORMAT_PCM_16:
    case SF_FORMAT_PCM_24:
    case SF_FORMAT_PCM_32:
    case SF_FORMAT_FLOAT:
    case SF_FORMAT_DOUBLE:
    case SF_FORMAT_ULAW:
    case SF_FORMAT_ALAW:
      return (format & SF_FORMAT_TYPEMASK) != SF_FORMAT_FLAC;
    default:
      return false;
  }
}

// The number of samples of an MPEG file whose frames were counted, of which libsndfile, which reads
// no more than `guess`, has guessed the number.
Index CheckedCount(const std::string& path, Index guess, Index counted) {
  constexpr Index kFewFrames = Index{3} * 1152;
  if (guess < counted - kFewFrames) {
    throw BadData(
        "{}: has {} samples, of which libsndfile would read {}, because it guesses the length from "
        "the bit rate of the first frame; convert it with `ffmpeg -i {} OUT.wav`",
        path, counted, guess, ShellQuoted(path));
  }
  return std::min(guess, counted);
}

void CheckIsFullFile(const std::string& path) {
  std::error_code ignored;
  const std::filesystem::file_status status = std::filesystem::status(path, ignored);
  if (!std::filesystem::exists(status)) {
    throw MissingInput("cannot open recording {}: no such file", path);
  }
  if (!std::filesystem::is_regular_file(status)) {
    throw BadData("{}: is no regular file; a recording must be one", path);
  }
  if (std::filesystem::is_empty(path, ignored)) {
    throw BadData("{}: the recording is empty (0 bytes); remove it or restore it", path);
  }
}

}  // namespace

AudioFile::AudioFile(const std::string& path, int channel) : path_(path) {
  CheckIsFullFile(path_);
  FindView();
  Open();
  CheckChannel(channel);
  channel_ = channel == kOnlyChannel ? 0 : channel;
  end_ = info_.frames;
  frames_.resize(static_cast<std::size_t>(kChunkFrames * info_.channels));
  samples_.resize(static_cast<std::size_t>(kChunkFrames));
}

// Finds out whether the file's own header is wrong about its length in a way that can be helped.
void AudioFile::FindView() {
  CheckDeclaredLengths(path_);
  std::optional<ViewBounds> bounds = CheckRiffLengths(path_);
  if (const auto mpeg = CountMpegFrames(path_); !bounds && mpeg) {
    bounds = ViewOfMpeg(path_, *mpeg);
    if (!bounds && mpeg->promised < 0) counted_frames_ = mpeg->samples();
  }
  if (bounds) view_ = std::make_unique<FileView>(path_, *std::move(bounds));
}

void AudioFile::Open() {
  SF_INFO info{};
  file_.reset(view_ ? view_->OpenSound(&info) : sf_open(path_.c_str(), SFM_READ, &info));
  if (file_ == nullptr) {
    throw BadData("{}: libsndfile cannot read it as audio ({}); {}", path_, sf_strerror(nullptr),
                  kRemedy);
  }
  info_.sample_rate = info.samplerate;
  info_.channels = info.channels;
  info_.frames =
      counted_frames_ < 0 ? info.frames : CheckedCount(path_, info.frames, counted_frames_);
  info_.format = FormatName(SFC_GET_FORMAT_INFO, info.format & SF_FORMAT_TYPEMASK) + ", " +
                 FormatName(SFC_GET_FORMAT_INFO, info.format & SF_FORMAT_SUBMASK);
  seekable_ = info.seekable != 0 && HasEqualFrames(info.format);
  position_ = 0;
  CheckInfo(info.format);
}

void AudioFile::CheckInfo(int format) const {
  // libsndfile reads a file of unknown contents as raw samples if its name ends in .vox or .gsm.
  if ((format & SF_FORMAT_TYPEMASK) == SF_FORMAT_RAW) {
    throw BadData("{}: has no header that says what its bytes are; {}", path_, kRemedy);
  }
  if (info_.channels < 1) throw BadData("{}: has {} channels; {}", path_, info_.channels, kRemedy);
  if (info_.sample_rate < kLowestRate || info_.sample_rate > kHighestRate) {
    throw BadData("{}: the header says {} samples a second, allowed are {}..{}; correct the header",
                  path_, info_.sample_rate, kLowestRate, kHighestRate);
  }
  if (info_.frames < 1) throw BadData("{}: holds no samples; remove it or restore it", path_);
  if (info_.frames > kMostFrames) {
    throw BadData("{}: the header does not say how many samples there are; {}", path_, kRemedy);
  }
}

void AudioFile::CheckChannel(int channel) const {
  if (channel == kOnlyChannel && info_.channels > 1) {
    throw UsageError(
        "{}: has {} channels and none was chosen; name one with --channel (0..{}, or mix for their "
        "mean) or in the manifest",
        path_, info_.channels, info_.channels - 1);
  }
  if (channel < kMixedChannels || channel >= info_.channels) {
    throw UsageError("{}: channel {} was chosen, there are 0..{}", path_, channel,
                     info_.channels - 1);
  }
}

void AudioFile::SetRange(Index begin, Index end) {
  if (begin < 0 || begin > end || end > info_.frames) {
    throw UsageError("{}: frames {}..{} were asked for, the recording has 0..{}", path_, begin, end,
                     info_.frames);
  }
  if (begin < end) MoveTo(begin);
  end_ = begin < end ? end : position_;
}

void AudioFile::MoveTo(Index frame) {
  if (seekable_) {
    if (sf_seek(file_.get(), frame, SEEK_SET) != frame) FailDecoding(0, 1);
    position_ = frame;
    return;
  }
  if (frame < position_) Reopen();
  while (position_ < frame) Decode(std::min(kChunkFrames, frame - position_));
}

void AudioFile::Reopen() {
  const AudioInfo before = info_;
  Open();
  if (info_ != before) throw BadData("{}: was changed while it was read; start again", path_);
}

std::span<const float> AudioFile::Next() {
  const Index count = Decode(std::min(kChunkFrames, end_ - position_));
  for (Index i = 0; i < count; ++i) {
    const float sample = Sample(i);
    if (!(std::abs(sample) <= kLargestSample)) {
      throw BadData("{}: frame {} is {}, allowed are numbers of at most {}; {}", path_,
                    position_ - count + i, sample, kLargestSample,
                    "make the file again from its source");
    }
    samples_[static_cast<std::size_t>(i)] = sample * kFullScale;
  }
  return std::span(samples_).first(static_cast<std::size_t>(count));
}

// The chosen channel, or the mean of all, of the frame in this row of frames_. The mean is added in
// double, in the order of the channels.
float AudioFile::Sample(Index row) const {
  const float* frame = &frames_[static_cast<std::size_t>(row * info_.channels)];
  if (channel_ != kMixedChannels) return frame[channel_];
  const double sum = std::accumulate(frame, frame + info_.channels, 0.0);
  return static_cast<float>(sum / static_cast<double>(info_.channels));
}

Index AudioFile::Decode(Index frames) {
  if (frames == 0) return 0;
  const Index got = sf_readf_float(file_.get(), frames_.data(), frames);
  // In FLAC, a damaged block is replaced by silence, and only the error code tells.
  if (got != frames || sf_error(file_.get()) != SF_ERR_NO_ERROR) FailDecoding(got, frames);
  position_ += got;
  return got;
}

void AudioFile::FailDecoding(Index got, Index wanted) const {
  const int error = sf_error(file_.get());
  throw BadData("{}: of {} frames from {} on {} could be decoded ({}), the header promises {}; {}",
                path_, wanted, position_, got,
                error == SF_ERR_NO_ERROR ? "the file ends" : sf_error_number(error), info_.frames,
                "restore the file from its source");
}

std::vector<float> AudioFile::ReadRest() {
  std::vector<float> samples;  // grows as samples are read, whatever length the header claims
  for (std::span<const float> chunk; !(chunk = Next()).empty();) {
    samples.insert(samples.end(), chunk.begin(), chunk.end());
  }
  return samples;
}

}  // namespace lockstep
