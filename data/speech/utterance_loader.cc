#include "data/speech/utterance_loader.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "base/counter_rng.h"
#include "base/error.h"
#include "data/speech/features/feature_transforms.h"
#include "data/speech/features/kaldi_ark.h"
#include "data/speech/features/mfc_file.h"
#include "data/speech/sound/audio_augment.h"
#include "data/speech/sound/audio_file.h"
#include "data/speech/sound/resampler.h"
#include "data/speech/synthetic_speech.h"

namespace lockstep {
namespace {

// An utterance may end this much after its recording, because manifests round times.
constexpr double kToleranceSeconds = 0.05;
constexpr Index kSpokenRate = 22050;
constexpr std::pair kSpokenSnr = {5.0, 30.0};  // dB
constexpr std::uint64_t kNoiseDraw = 100;

// The frames of the recording that belong to the utterance.
ElementRange Stretch(const Utterance& utterance, const AudioInfo& info) {
  const auto rate = static_cast<double>(info.sample_rate);
  const double recorded = static_cast<double>(info.frames) / rate;
  const bool to_end = utterance.end_seconds == Utterance::kToTheEnd;
  const double end = to_end ? recorded : utterance.end_seconds;
  if (utterance.begin_seconds >= end || end > recorded + kToleranceSeconds) {
    throw BadData("its stretch {:.3f} to {:.3f} s is not in the recording of {:.3f} s: {}",
                  utterance.begin_seconds, end, recorded, utterance.path);
  }
  const ElementRange range{std::llround(utterance.begin_seconds * rate),
                           std::min(info.frames, static_cast<Index>(std::llround(end * rate)))};
  if (range.count() < 1) throw BadData("its stretch has no sample: {}", utterance.path);
  return range;
}

int ChannelOf(const SoundOptions& sound, const Utterance& utterance) {
  static_assert(Utterance::kNoChannel == AudioFile::kOnlyChannel);
  static_assert(Utterance::kMixedChannels == AudioFile::kMixedChannels);
  return utterance.channel == Utterance::kNoChannel ? sound.channel : utterance.channel;
}

void CheckRate(const SoundOptions& sound, Index rate, const std::string& path) {
  const auto wanted = static_cast<Index>(sound.features.sample_rate);
  if (rate >= wanted || sound.allow_upsampling) return;
  throw BadData(
      "{}: has a sample rate of {} Hz, below that of the features, {}; use --sample-rate {}, or "
      "--allow-upsampling",
      path, rate, wanted, rate);
}

void CheckSilence(std::span<const float> samples, const std::string& path) {
  const auto [least, most] = std::minmax_element(samples.begin(), samples.end());
  if (*least != *most) return;
  throw BadData("{}: is silent: every sample is {:g} of full scale", path,
                *least / AudioFile::kFullScale);
}

void CheckFinite(const FeatureMatrix& features, const std::string& path) {
  const auto bad = std::find_if_not(features.values.begin(), features.values.end(),
                                    [](float value) { return std::isfinite(value); });
  if (bad == features.values.end()) return;
  throw BadData("{}: feature {} of frame {} is {}", path,
                (bad - features.values.begin()) % features.columns,
                (bad - features.values.begin()) / features.columns, *bad);
}

}  // namespace

UtteranceLoader::UtteranceLoader(const SpeechOptions& options, std::string scratch)
    : options_(options), scratch_(std::move(scratch)), extractor_(options.sound.features) {}

UtteranceSize UtteranceLoader::Measure(const Utterance& utterance) {
  const bool is_sound =
      utterance.kind == UtteranceKind::kAudio || utterance.kind == UtteranceKind::kSpoken;
  const UtteranceSize size = is_sound ? MeasureSound(utterance) : MeasureFeatures(utterance);
  if (size.seconds > options_.sound.max_seconds) {
    throw BadData("{}: is {:.2f} s long, allowed are {:g} (--max-seconds)", utterance.path,
                  size.seconds, options_.sound.max_seconds);
  }
  if (size.frames < 1) {
    throw BadData("{}: is {:.4f} s long, too short for one frame", utterance.path, size.seconds);
  }
  return size;
}

UtteranceSize UtteranceLoader::MeasureSound(const Utterance& utterance) const {
  UtteranceSize size;
  size.width = extractor_.width();
  const double wanted = options_.sound.features.sample_rate;
  if (utterance.kind == UtteranceKind::kSpoken) {
    size.seconds = GuessSpokenSeconds(utterance);
    size.source_rate = kSpokenRate;
    size.frames = extractor_.Frames(std::llround(size.seconds * wanted));
  } else {
    const AudioFile file(utterance.path, ChannelOf(options_.sound, utterance));
    size.source_rate = file.info().sample_rate;
    CheckRate(options_.sound, size.source_rate, utterance.path);
    const Index samples = Stretch(utterance, file.info()).count();
    const auto rate = static_cast<double>(size.source_rate);
    size.seconds = static_cast<double>(samples) / rate;
    size.frames = extractor_.Frames(AsFraction(wanted / rate).Samples(samples));
  }
  return size;
}

UtteranceSize UtteranceLoader::MeasureFeatures(const Utterance& utterance) const {
  const MatrixShape shape = utterance.kind == UtteranceKind::kMfc
                                ? MfcShape(utterance.path, options_.sound.mfc_width)
                                : SliceShape(KaldiMatrixShape(utterance.path, utterance.ark_offset),
                                             utterance.rows, utterance.columns);
  UtteranceSize size;
  size.frames = shape.columns > 0 ? shape.rows : 0;
  size.width = shape.columns;
  size.seconds = 1e-3 * options_.sound.features.frame_shift_ms * static_cast<double>(size.frames);
  return size;
}

FeatureMatrix UtteranceLoader::Load(const Utterance& utterance, const CopyChoice& copy) {
  FeatureMatrix features;
  if (utterance.kind == UtteranceKind::kMfc) {
    seconds_ = Measure(utterance).seconds;
    features = ReadMfcFile(utterance.path, options_.sound.mfc_width);
  } else if (utterance.kind == UtteranceKind::kArk) {
    seconds_ = Measure(utterance).seconds;
    features = Slice(ReadKaldiMatrix(utterance.path, utterance.ark_offset), utterance.rows,
                     utterance.columns);
  } else {
    features = LoadSound(utterance, copy);
  }
  CheckFinite(features, utterance.path);
  const int deltas = options_.sound.deltas;
  if (deltas == 0) return features;
  return {features.rows, features.columns * (1 + deltas),
          AddDeltas(features.values, features.columns, deltas)};
}

FeatureMatrix UtteranceLoader::LoadSound(const Utterance& utterance, const CopyChoice& copy) {
  std::vector<float> samples;
  Index rate = 0;
  if (utterance.kind == UtteranceKind::kSpoken) {
    Utterance spoken = utterance;
    spoken.path = scratch_ + ".wav";
    SpeakToFile(utterance, spoken.path);
    samples = ReadSamples(spoken, &rate);
    std::filesystem::remove(spoken.path);
  } else {
    samples = ReadSamples(utterance, &rate);
  }
  seconds_ = static_cast<double>(samples.size()) / static_cast<double>(rate);
  const double ratio =
      options_.sound.features.sample_rate / (static_cast<double>(rate) * copy.speed);
  if (ratio != 1) samples = Resample(samples, ratio);
  if (copy.add_noise || utterance.kind == UtteranceKind::kSpoken) AddSomeNoise(copy, samples);
  FeatureMatrix features{
      extractor_.Frames(static_cast<Index>(samples.size())), extractor_.width(), {}};
  if (features.rows < 1) {
    throw BadData("{}: is {:.4f} s long, too short for one frame", utterance.path,
                  seconds_ / copy.speed);
  }
  features.values.resize(static_cast<std::size_t>(features.rows * features.columns));
  extractor_.Compute(samples, features.values.data());
  return features;
}

std::vector<float> UtteranceLoader::ReadSamples(const Utterance& utterance, Index* rate) const {
  AudioFile file(utterance.path, ChannelOf(options_.sound, utterance));
  *rate = file.info().sample_rate;
  CheckRate(options_.sound, *rate, utterance.path);
  const ElementRange range = Stretch(utterance, file.info());
  file.SetRange(range.begin, range.end);
  std::vector<float> samples = file.ReadRest();
  if (samples.size() > 1) CheckSilence(samples, utterance.path);  // one is told to be too short
  return samples;
}

// Adds white noise with a signal-to-noise ratio drawn between the bounds.
void UtteranceLoader::AddSomeNoise(const CopyChoice& copy, std::vector<float>& samples) const {
  const CounterRng draw(options_.seed, RandomPurpose::kSpeech, kNoiseDraw, copy.noise_stream);
  const auto [low, high] = options_.copies.noise_snr.value_or(kSpokenSnr);
  AddNoise(NoiseKind::kWhite, low + (high - low) * draw.Uniform(0), options_.seed,
           copy.noise_stream, samples);
}

}  // namespace lockstep
