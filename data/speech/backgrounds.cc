#include "data/speech/backgrounds.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <filesystem>
#include <limits>

#include "base/error.h"
#include "base/log.h"
#include "base/path_list.h"
#include "data/speech/features/mel_bank.h"
#include "data/speech/features/real_fft.h"
#include "data/speech/manifests/folder_walk.h"
#include "data/speech/sound/audio_file.h"
#include "data/speech/sound/resampler.h"
#include "data/speech/utterance_loader.h"

namespace lockstep {
namespace {

constexpr double kMostMilliseconds = 1000;  // of a response that are kept
constexpr double kFaded = 1e-6;             // 60 dB
constexpr float kLeastEnergy = 1e-12f;

bool IsAudio(const std::string& path) {
  std::string extension = std::filesystem::path(path).extension().string();
  std::ranges::transform(extension, extension.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension == ".wav" || extension == ".flac" || extension == ".ogg";
}

Utterance WholeOf(const std::string& path) {
  Utterance utterance;
  utterance.id = path;
  utterance.path = path;
  utterance.kind = UtteranceKind::kAudio;
  utterance.channel = Utterance::kMixedChannels;
  return utterance;
}

std::vector<float> ResponseSamples(const std::string& path, double wanted_rate) {
  AudioFile file(path, AudioFile::kMixedChannels);
  const auto rate = static_cast<double>(file.info().sample_rate);
  if (rate < wanted_rate) {
    throw BadData("{}: has a sample rate of {} Hz, below that of the features, {}: leave it out",
                  path, rate, wanted_rate);
  }
  std::vector<float> samples = file.ReadRest();
  return rate == wanted_rate ? samples : Resample(samples, wanted_rate / rate);
}

double SumOfRow(std::span<const float> rows, Index row, Index width) {
  double sum = 0;
  for (Index i = 0; i < width; ++i) sum += rows[static_cast<std::size_t>(row * width + i)];
  return sum;
}

}  // namespace

std::vector<std::string> BackgroundFiles(const std::string& option,
                                         const std::vector<std::string>& entries) {
  std::vector<std::string> files;
  for (const std::string& path : ExpandPaths(option, entries)) {
    if (!std::filesystem::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    for (const std::string& below : WalkFolder(path).files) {
      if (IsAudio(below)) files.push_back(below);
    }
  }
  if (files.empty()) throw MissingInput("{}: there is no audio file (wav, flac, ogg)", option);
  return files;
}

FrameCollection NoiseFrames(const SpeechOptions& options) {
  SpeechOptions plain = options;
  plain.sound.deltas = 0;
  plain.sound.max_seconds = std::numeric_limits<double>::infinity();
  UtteranceLoader loader(plain, options.out + "/noise");
  const std::vector<std::string> files = BackgroundFiles("--noise-files", options.noise_files);
  std::vector<double> seconds;
  double all = 0, kept = 0;
  for (const std::string& path : files) {
    seconds.push_back(loader.Measure(WholeOf(path)).seconds);
    all += seconds.back();
  }
  const double share = std::min(1.0, options.noise_seconds / all);
  FrameCollection noise{options.sound.features.num_mel_bins, {0}, {}};
  for (std::size_t i = 0; i < files.size(); ++i) {
    Utterance utterance = WholeOf(files[i]);
    const double least = 2e-3 * options.sound.features.frame_length_ms;  // two frames' length
    if (share < 1)
      utterance.end_seconds = std::min(seconds[i], std::max(least, seconds[i] * share));
    noise.Add(loader.Load(utterance, {}).values);
    kept += loader.seconds();
  }
  LogInfo("noise: {:.1f} of {:.1f} s in {} recordings are kept (--noise-seconds {:g})", kept, all,
          files.size(), options.noise_seconds);
  return noise;
}

// Segments of one frame shift that do not overlap, so that the direct sound is in one row only. A
// band's energy is divided by that of a single pulse of height 1, which has equal power at all
// frequencies.
std::vector<float> RoomRows(const FeatureOptions& options, std::vector<float> samples) {
  const Index shift = options.FrameShift(), size = options.FftSize();
  LOCKSTEP_CHECK(shift <= size && !samples.empty());
  RealFft fft(size);
  const MelBank bank(options);
  std::vector<float> padded(static_cast<std::size_t>(size)), flat(padded.size() / 2 + 1, 1.0f);
  std::vector<float> power(flat.size()), of_pulse(static_cast<std::size_t>(bank.bins()));
  bank.Apply(flat.data(), of_pulse.data());
  const auto louder = [](float a, float b) { return std::abs(a) < std::abs(b); };
  const Index peak = std::ranges::max_element(samples, louder) - samples.begin();
  const Index first = std::max<Index>(0, peak - shift / 4);
  const auto most = static_cast<Index>(kMostMilliseconds / options.frame_shift_ms);
  std::vector<float> rows;
  for (Index k = 0; k < most && first + k * shift < std::ssize(samples); ++k) {
    const Index begin = first + k * shift, end = std::min(begin + shift, std::ssize(samples));
    std::ranges::fill(padded, 0.0f);
    std::copy(samples.begin() + begin, samples.begin() + end, padded.begin());
    fft.PowerSpectrum(padded.data(), power.data());
    rows.resize(rows.size() + of_pulse.size());
    float* const row = rows.data() + k * bank.bins();
    bank.Apply(power.data(), row);
    for (std::size_t i = 0; i < of_pulse.size(); ++i) row[i] /= of_pulse[i];
  }
  const Index width = bank.bins();
  Index taps = std::ssize(rows) / width;
  while (taps > 1 && SumOfRow(rows, taps - 1, width) < kFaded * SumOfRow(rows, 0, width)) --taps;
  rows.resize(static_cast<std::size_t>(taps * width));
  double sum = 0;
  for (Index k = 0; k < taps; ++k) sum += SumOfRow(rows, k, width) / static_cast<double>(width);
  for (float& value : rows) {
    value = std::log(std::max(static_cast<float>(value / sum), kLeastEnergy));
  }
  return rows;
}

FrameCollection RoomFrames(const SpeechOptions& options) {
  FrameCollection rooms{options.sound.features.num_mel_bins, {0}, {}};
  for (const std::string& path : BackgroundFiles("--room-files", options.room_files)) {
    std::vector<float> samples = ResponseSamples(path, options.sound.features.sample_rate);
    const bool silent = std::ranges::all_of(samples, [](float value) { return value == 0; });
    if (silent) throw BadData("{}: is silent, so it is no response of a room", path);
    rooms.Add(RoomRows(options.sound.features, std::move(samples)));
  }
  return rooms;
}

}  // namespace lockstep
