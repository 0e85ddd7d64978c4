#include "launch/tasks/music/sound_file.h"

#include <fstream>

#include "base/error.h"
#include "launch/output/part_file.h"

namespace lockstep {
namespace {

constexpr Index kBytesPerSample = 2, kHeaderBytes = 44;

void AppendLittle(Index value, int bytes, std::string* to) {
  for (int i = 0; i < bytes; ++i) *to += static_cast<char>(value >> (8 * i) & 0xFF);
}

// The RIFF header of one channel of 16-bit samples. Written here, not by a library, because the
// program may be built without the one for sound.
std::string WavHeader(Index samples, Index rate) {
  constexpr Index kFormatBytes = 16, kPcm = 1, kOneChannel = 1, kBitsPerSample = 16;
  const Index bytes = samples * kBytesPerSample;
  std::string header = "RIFF";
  AppendLittle(bytes + kHeaderBytes - 8, 4, &header);
  header += "WAVEfmt ";
  AppendLittle(kFormatBytes, 4, &header);
  AppendLittle(kPcm, 2, &header);
  AppendLittle(kOneChannel, 2, &header);
  AppendLittle(rate, 4, &header);
  AppendLittle(rate * kBytesPerSample, 4, &header);
  AppendLittle(kBytesPerSample, 2, &header);
  AppendLittle(kBitsPerSample, 2, &header);
  header += "data";
  AppendLittle(bytes, 4, &header);
  return header;
}

}  // namespace

void WriteSound(const PianoRoll& roll, const SoundOptions& options, const std::string& path) {
  constexpr Index kMostBytes = Index{1} << 31;
  const Index samples = SamplesOf(roll, options);
  if (samples * kBytesPerSample + kHeaderBytes > kMostBytes) {
    throw UsageError("{}: {} steps of {:.3f} s are more sound than a WAV file can hold; make fewer",
                     path, roll.steps.size(), options.seconds_per_step);
  }
  PartFile part(path);
  std::ofstream file(part.temporary_path(), std::ios::binary);
  file << WavHeader(samples, options.sample_rate);
  PlayRoll(roll, options, [&](std::span<const std::int16_t> block) {
    std::string bytes;
    for (const std::int16_t sample : block) AppendLittle(sample, kBytesPerSample, &bytes);
    file << bytes;
  });
  if (!file.flush())
    throw IoError(
        fmt::format("{}: cannot write {} samples of sound; is the disk full?", path, samples));
  file.close();
  part.Publish();
}

}  // namespace lockstep
