// Measures the change of sample rates: seconds of sound per second of one core.
//
//   build/release/bench/bench_resampling [RUNS]
//
// Each line is the median of RUNS runs (default 7) over 60 s of noise, in CPU time. Tables of
// filters are computed before the first run.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/counter_rng.h"
#include "bench/stopwatch.h"
#include "data/speech/sound/resampler.h"

namespace lockstep {
namespace {

constexpr Index kSeconds = 60;

struct Change {
  double from;  // Hz
  double to;
  double speed = 1;
};

constexpr std::array<Change, 14> kChanges = {{{44100, 16000},
                                              {48000, 16000},
                                              {32000, 16000},
                                              {22050, 16000},
                                              {11025, 16000},
                                              {8000, 16000},
                                              {44100, 8000},
                                              {48000, 8000},
                                              {32000, 8000},
                                              {22050, 8000},
                                              {16000, 8000},
                                              {16000, 16000, 0.9},
                                              {16000, 16000, 1.1},
                                              {44100, 16000, 1.1}}};

std::vector<float> Noise(Index samples) {
  const CounterRng rng(1, RandomPurpose::kTest);
  std::vector<float> noise(static_cast<std::size_t>(samples));
  for (std::size_t i = 0; i < noise.size(); ++i) {
    noise[i] = static_cast<float>(1000 * rng.Uniform(i) - 500);
  }
  return noise;
}

void Measure(const Change& change, int runs) {
  const std::vector<float> noise = Noise(static_cast<Index>(change.from) * kSeconds);
  const double ratio = change.to / (change.from * change.speed);
  Resample(std::span(noise).first(1), ratio);
  std::vector<double> seconds;
  for (int run = 0; run < runs; ++run) {
    const Stopwatch stopwatch;
    Resample(noise, ratio);
    seconds.push_back(stopwatch.Seconds());
  }
  std::sort(seconds.begin(), seconds.end());
  fmt::print("{:>6} Hz to {:>5} Hz, speed {:<4g} {:>6.0f} x real time\n", change.from, change.to,
             change.speed, static_cast<double>(kSeconds) / seconds[seconds.size() / 2]);
}

}  // namespace
}  // namespace lockstep

int main(int argc, char** argv) {
  const int runs = argc > 1 ? std::max(1, std::stoi(argv[1])) : 7;
  for (const auto& change : lockstep::kChanges) lockstep::Measure(change, runs);
}
