#include "data/music/chorales.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "base/counter_rng.h"

namespace lockstep {
namespace {

constexpr int kOctave = 12;
constexpr std::size_t kDegrees = 7, kVoices = 4;
constexpr std::array<std::array<int, kDegrees>, 2> kScales = {
    {{0, 2, 4, 5, 7, 9, 11}, {0, 2, 3, 5, 7, 8, 10}}};  // major, natural minor

// Degrees of the scale that may follow each, the likelier ones more than once; degree 0 is the
// tonic (after Kostka and Payne, "Tonal Harmony": chords move towards the dominant, and it to the
// tonic).
constexpr std::array<std::array<std::size_t, 6>, kDegrees> kNextDegree = {{
    {3, 4, 5, 1, 3, 2},  // I
    {4, 4, 4, 6, 4, 0},  // ii
    {5, 3, 5, 3, 1, 5},  // iii
    {4, 0, 1, 4, 4, 0},  // IV
    {0, 0, 0, 5, 0, 3},  // V
    {1, 3, 3, 4, 1, 3},  // vi
    {0, 0, 2, 0, 4, 0},  // vii
}};

// Lowest and highest note of bass, tenor, alto and soprano.
struct Range {
  int low, high;
};
constexpr std::array<Range, kVoices> kRanges = {{{41, 60}, {48, 67}, {55, 74}, {60, 81}}};

using Voices = std::array<int, kVoices>;

class Composer {
 public:
  Composer(std::uint64_t seed, std::uint64_t number)
      : rng_(seed, RandomPurpose::kMusic, number),
        tonic_(static_cast<int>(Draw(kOctave))),
        scale_(kScales[Draw(2)]) {}

  PianoRoll Compose() {
    constexpr std::uint64_t kFewestChords = 12, kMoreChords = 17;
    const std::uint64_t chords = kFewestChords + Draw(kMoreChords);
    std::size_t degree = 0;
    for (std::size_t v = 0; v < kVoices; ++v) voices_[v] = (kRanges[v].low + kRanges[v].high) / 2;
    for (std::uint64_t chord = 0; chord < chords; ++chord) {
      const bool is_last = chord + 1 == chords;
      if (chord + 2 == chords) degree = 4;
      if (is_last) degree = 0;
      constexpr std::uint64_t kLast = 8, kLong = 4, kShort = 2;  // steps
      AddChord(degree, is_last ? kLast : Draw(3) == 0 ? kLong : kShort);
      degree = kNextDegree[degree][Draw(kNextDegree[degree].size())];
    }
    return std::move(roll_);
  }

 private:
  std::uint64_t Draw(std::uint64_t below) { return rng_.Below(next_++, below); }

  bool IsInScale(int note) const {
    const int above = (note - tonic_ + 10 * kOctave) % kOctave;
    return std::find(scale_.begin(), scale_.end(), above) != scale_.end();
  }
  // The note of the scale `thirds` thirds above a degree, within an octave.
  int ToneOf(std::size_t degree, std::size_t thirds) const {
    return (tonic_ + scale_[(degree + 2 * thirds) % kDegrees]) % kOctave;
  }

  // The note of a pitch class in the range of a voice that is nearest to where the voice is.
  int Nearest(int pitch_class, std::size_t voice) const {
    int best = -1;
    for (int note = kRanges[voice].low; note <= kRanges[voice].high; ++note) {
      if (note % kOctave != pitch_class) continue;
      if (best < 0 || std::abs(note - voices_[voice]) < std::abs(best - voices_[voice]))
        best = note;
    }
    return best;
  }

  // The bass has the root; the others take any tone of the chord, mostly the nearest.
  Voices Lead(std::size_t degree) {
    Voices led{};
    led[0] = Nearest(ToneOf(degree, 0), 0);
    for (std::size_t v = 1; v < kVoices; ++v) {
      std::array<int, 3> tones{};
      for (std::size_t t = 0; t < tones.size(); ++t) tones[t] = Nearest(ToneOf(degree, t), v);
      std::sort(tones.begin(), tones.end(),
                [&](int a, int b) { return std::abs(a - voices_[v]) < std::abs(b - voices_[v]); });
      led[v] = std::max(tones[Draw(4) == 0 ? 1 : 0], led[v - 1]);
    }
    return led;
  }

  void AddChord(std::size_t degree, std::uint64_t steps) {
    const Voices led = Lead(degree);
    if (!roll_.steps.empty()) PassTo(led);
    voices_ = led;
    KeySet keys;
    for (const int note : led) keys.set(KeyOf(note));
    roll_.steps.insert(roll_.steps.end(), steps, keys);
  }

  // Where a voice moves by a third, the last step of the chord before may have the note between.
  void PassTo(const Voices& led) {
    KeySet& last = roll_.steps.back();
    for (std::size_t v = 0; v < kVoices; ++v) {
      const int distance = led[v] - voices_[v];
      if ((std::abs(distance) != 3 && std::abs(distance) != 4) || Draw(2) == 0) continue;
      int between = voices_[v] + (distance > 0 ? 1 : -1);
      if (!IsInScale(between)) between += distance > 0 ? 1 : -1;
      const bool is_alone = std::count(voices_.begin(), voices_.end(), voices_[v]) == 1;
      if (is_alone) last.reset(KeyOf(voices_[v]));
      last.set(KeyOf(between));
    }
  }

  CounterRng rng_;
  std::uint64_t next_ = 0;
  int tonic_;
  std::array<int, kDegrees> scale_;
  Voices voices_{};
  PianoRoll roll_;
};

}  // namespace

PianoRoll MakeChorale(std::uint64_t seed, std::uint64_t number) {
  PianoRoll roll = Composer(seed, number).Compose();
  roll.name = fmt::format("chorale:{}", number);
  return roll;
}

}  // namespace lockstep
