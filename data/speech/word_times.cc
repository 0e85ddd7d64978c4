#include "data/speech/word_times.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/line_reader.h"
#include "data/batch/label_fit.h"
#include "data/speech/manifests/manifest.h"
#include "data/text/transcript_rules.h"

namespace lockstep {
namespace {

constexpr const char* kPieceMark = "\u2581";  // with which SentencePiece begins a word
constexpr Index kLeastPauseFrames = 5;

std::vector<std::string_view> Columns(std::string_view line) {
  std::vector<std::string_view> columns;
  constexpr std::string_view kBlanks = " \t\r";
  for (std::size_t at = line.find_first_not_of(kBlanks); at != line.npos;) {
    const std::size_t end = std::min(line.find_first_of(kBlanks, at), line.size());
    columns.push_back(line.substr(at, end - at));
    at = line.find_first_not_of(kBlanks, end);
  }
  return columns;
}

bool IsSilence(std::string_view word) {
  return word == "<eps>" || word == "sil" || word == "SIL" || word == "<sil>";
}

SpokenWord WordFrom(const std::vector<std::string_view>& columns, const std::string& where) {
  double begin = 0, duration = 0;
  if (columns.size() < 5 || columns.size() > 6 || !manifest::ParseSeconds(columns[2], &begin) ||
      !manifest::ParseSeconds(columns[3], &duration)) {
    throw BadData(
        "{}: allowed is UTTERANCE CHANNEL START DURATION WORD [CONFIDENCE], with start and "
        "duration "
        "in seconds from 0",
        where);
  }
  return {std::string(columns[4]), begin, begin + duration};
}

// Ascending in time, so that each border lies between two words.
void SortWords(const std::string& path, const std::string& utterance,
               std::vector<SpokenWord>* words) {
  constexpr double kRounding = 0.011;  // aligners give times to a frame
  std::ranges::stable_sort(*words, {}, &SpokenWord::begin_seconds);
  for (std::size_t w = 1; w < words->size(); ++w) {
    const SpokenWord &before = (*words)[w - 1], &word = (*words)[w];
    if (word.begin_seconds >= before.end_seconds - kRounding) continue;
    throw BadData("{}: utterance \"{}\": \"{}\" begins at {:.3f} s, before \"{}\" ends at {:.3f} s",
                  path, utterance, word.text, word.begin_seconds, before.text, before.end_seconds);
  }
}

std::string Joined(std::span<const SpokenWord> words) {
  std::string text;
  for (const SpokenWord& word : words) text += (text.empty() ? "" : " ") + word.text;
  return text;
}

// Where a word begins, and the frames around that in which no word is spoken.
struct Border {
  Index frame = 0;
  Index slack = 0;
};

// Empty if the borders do not ascend strictly within the frames.
std::vector<WordStart> Starts(std::span<const Border> borders, std::span<const Index> first_labels,
                              Index frames) {
  std::vector<WordStart> words;
  Index before = -1;
  for (std::size_t w = 0; w < borders.size(); ++w) {
    if (borders[w].frame <= before || borders[w].frame >= frames) return {};
    before = borders[w].frame;
    words.push_back({before, first_labels[w], borders[w].slack});
  }
  return words;
}

std::vector<double> LevelsOf(const FeatureMatrix& features, Index bins) {
  std::vector<double> levels;
  for (Index t = 0; t < features.rows; ++t) {
    const float* const row = features.values.data() + t * features.columns;
    double sum = 0;
    for (Index i = 0; i < bins; ++i) sum += row[i];
    levels.push_back(sum / static_cast<double>(bins));
  }
  return levels;
}

// Stretches of at least kLeastPauseFrames frames whose level is below a third of the way from the
// quiet frames (a tenth of all is below) to the loud ones, without those at the ends.
std::vector<ElementRange> PausesOf(const std::vector<double>& levels) {
  std::vector<double> sorted = levels;
  std::ranges::sort(sorted);
  const double quiet = sorted[sorted.size() / 10], loud = sorted[sorted.size() * 9 / 10];
  const double limit = quiet + (loud - quiet) / 3;
  std::vector<ElementRange> pauses;
  const Index frames = std::ssize(levels);
  for (Index t = 0; t < frames;) {
    Index end = t;
    while (end < frames && levels[static_cast<std::size_t>(end)] < limit) ++end;
    if (t > 0 && end < frames && end - t >= kLeastPauseFrames) pauses.push_back({t, end});
    t = std::max(end, t + 1);
  }
  return pauses;
}

}  // namespace

WordTimes ReadCtm(const std::string& path) {
  WordTimes times;
  LineReader lines(path);
  Index number = 0;
  for (std::string_view line; lines.Next(&line);) {
    ++number;
    const std::vector<std::string_view> columns = Columns(line);
    if (columns.empty() || line.starts_with(";;")) continue;
    SpokenWord word = WordFrom(columns, manifest::Source(path, number));
    if (!IsSilence(word.text)) times[std::string(columns[0])].push_back(std::move(word));
  }
  for (auto& [utterance, words] : times) SortWords(path, utterance, &words);
  return times;
}

std::vector<Index> FirstLabels(const Units& units, std::span<const std::int32_t> labels) {
  std::vector<Index> first;
  for (std::size_t u = 0; u < labels.size(); ++u) {
    const std::string& name = units.names()[static_cast<std::size_t>(labels[u])];
    bool begins = u == 0 || units.kind() == UnitKind::kWords;
    if (units.kind() == UnitKind::kPieces) begins = begins || name.starts_with(kPieceMark);
    if (units.kind() == UnitKind::kLetters && u > 0) {
      begins = units.names()[static_cast<std::size_t>(labels[u - 1])] == kSpaceName;
    }
    if (begins) first.push_back(static_cast<Index>(u));
  }
  return first;
}

std::vector<WordStart> WordsByTimes(std::span<const SpokenWord> words,
                                    const std::string& transcript,
                                    std::span<const Index> first_labels, Index frames,
                                    const FeatureOptions& options, double speed) {
  const std::string text = Joined(words);
  const auto same = [](const std::string& one) {
    return NormaliseTranscript(one, LetterCase::kLower);
  };
  if (same(text) != same(transcript) || words.size() != first_labels.size()) {
    throw BadData("the words of --ctm are \"{}\", those of its transcript \"{}\"", text,
                  transcript);
  }
  // Frame t is centred at t shift + window / 2.
  const double shift = 1e-3 * options.frame_shift_ms, half = 5e-4 * options.frame_length_ms;
  std::vector<Border> borders{{}};
  for (std::size_t w = 1; w < words.size(); ++w) {
    const double end = words[w - 1].end_seconds / speed, begin = words[w].begin_seconds / speed;
    borders.push_back({std::llround(((end + begin) / 2 - half) / shift),
                       std::max<Index>(0, static_cast<Index>((begin - end) / 2 / shift))});
  }
  return Starts(borders, first_labels, frames);
}

std::vector<WordStart> WordsByPauses(const FeatureMatrix& features, Index bins,
                                     std::span<const Index> first_labels) {
  if (first_labels.empty() || features.rows == 0) return {};
  std::vector<ElementRange> pauses = PausesOf(LevelsOf(features, bins));
  const std::size_t needed = first_labels.size() - 1;
  if (pauses.size() < needed) return {};
  std::ranges::stable_sort(pauses, std::greater(), &ElementRange::count);
  std::vector<Border> borders{{}};
  for (std::size_t p = 0; p < needed; ++p)
    borders.push_back({(pauses[p].begin + pauses[p].end) / 2, pauses[p].count() / 2});
  std::ranges::sort(borders, {}, &Border::frame);
  return Starts(borders, first_labels, features.rows);
}

std::vector<WordCut> WordCutsOf(std::span<const WordStart> words,
                                std::span<const std::int32_t> labels, Index frames) {
  std::vector<WordCut> cuts{{}};
  const auto add = [&](Index frame, Index label, Index slack) {
    const Index least = LeastStepsFor(labels.first(static_cast<std::size_t>(label)));
    cuts.push_back({static_cast<std::int32_t>(frame), static_cast<std::int32_t>(label),
                    static_cast<std::int32_t>(least), static_cast<std::int32_t>(slack)});
  };
  for (std::size_t w = 1; w < words.size(); ++w) {
    // Something must be left of each word, whatever the slacks of its two ends.
    const Index after = (w + 1 < words.size() ? words[w + 1].frame : frames) - words[w].frame;
    const Index room = (std::min(words[w].frame - words[w - 1].frame, after) - 1) / 2;
    add(words[w].frame, words[w].label, std::min(words[w].slack, room));
  }
  add(frames, std::ssize(labels), 0);
  return cuts;
}

}  // namespace lockstep
