#include "launch/tasks/music/prepare_music.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <iostream>

#include "base/log.h"
#include "base/path_list.h"
#include "data/music/music_corpus.h"
#include "launch/frame/help.h"
#include "launch/output/cell_text.h"
#include "launch/run/label_set_report.h"
#include "launch/tasks/splits/split_options.h"

namespace lockstep {
namespace {

constexpr const char* kUsage =
    "Makes a corpus from music (docs/music.md): which keys of a piano sound in each step, to be "
    "predicted from the steps before.\n"
    "  lockstep prepare music --rolls jsb.json --steps-per-beat 1 --out CORPUS\n"
    "  lockstep prepare music --train midi/train --valid midi/valid --test midi/test --out CORPUS\n"
    "  lockstep prepare music --train midi --valid-fraction 0.1 --test-fraction 0.1 --out CORPUS\n"
    "  lockstep prepare music --synthetic 100 --out CORPUS\n";

constexpr OptionRow kFiles[] = {
    {"rolls FILE", "JSON or MATLAB 5 file with the piano rolls of all splits; may be repeated",
     OptionKind::kRepeated},
    {"train MIDI",
     "MIDI file for training, folder of such files, pattern, or @LIST of paths; may be repeated",
     OptionKind::kRepeated},
    {"valid MIDI", "MIDI file, folder, pattern or @LIST for validation; may be repeated",
     OptionKind::kRepeated},
    {"test MIDI", "MIDI file, folder, pattern or @LIST for the test; may be repeated",
     OptionKind::kRepeated},
    {"synthetic N",
     "makes up N pieces in four voices instead of reading any, by --seed; the last tenths of them "
     "are for validation and test"},
    {"out CORPUS", "corpus folder to make"},
    Rare({"shard-bytes BYTES", "size of a shard in bytes; default 33554432 (32 MiB)"}),
};
constexpr OptionRow kMusic[] = {
    {"steps-per-beat N",
     "steps of the model for each beat (quarter note), 1 to 256; default 4, of made-up music 2. "
     "Where --rolls gives the music, N is the grid that it has, for playing it"},
    {"transpose N",
     "adds copies of the training pieces in other keys, up to N semitones higher and lower, 0 to "
     "12; default 0"},
    Rare({"skip-damaged",
          "leaves out damaged MIDI files with a warning, instead of ending with an error",
          OptionKind::kSwitch}),
};

OptionTable Describe() {
  return {{"Files", kFiles}, {"Music", kMusic}, {"Splits", SplitDrawRows()}};
}

MusicCorpusOptions MusicOptionsOf(const Options& options) {
  constexpr Index kStepsPerBeat = 4, kChoraleStepsPerBeat = 2;
  MusicCorpusOptions music;
  music.out = options.Text("out");
  music.rolls = ExpandPaths("rolls", options.List("rolls"));
  for (int s = 0; s < kDataSplits; ++s) {
    const std::string name = DataSplitName(static_cast<DataSplit>(s));
    music.midi[static_cast<std::size_t>(s)] = ExpandPaths(name, options.List(name));
  }
  music.synthetic = options.Number("synthetic", 0, 1);
  music.draw = SplitDrawOf(options);
  music.synthetic_seed = music.draw.seed;
  music.steps_per_beat = options.Number(
      "steps-per-beat", music.synthetic > 0 ? kChoraleStepsPerBeat : kStepsPerBeat, 1);
  music.transpose = options.Number("transpose", 0, 0);
  music.skip_damaged = options.Has("skip-damaged");
  music.shard_bytes = options.Number("shard-bytes", music.shard_bytes, 1);
  return music;
}

// The first few of many names.
std::string Some(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 3;
  const std::vector<std::string> shown(
      names.begin(), names.begin() + static_cast<std::ptrdiff_t>(std::min(kMost, names.size())));
  return fmt::format("{}{}", fmt::join(shown, "; "), names.size() > kMost ? "; ..." : "");
}

void Warn(const MusicCorpusSummary& summary) {
  const MidiLosses& losses = summary.losses;
  const auto tell = [](Index count, const char* what) {
    if (count > 0) LogWarning("{} {}", count, what);
  };
  tell(losses.percussion, "notes of percussion (MIDI channel 10) are left out: they have no pitch");
  tell(losses.off_keyboard, "notes outside 21 to 108, which no piano has, are left out");
  tell(losses.endless, "notes are never ended by their files; they end with their tracks");
  tell(summary.off_keyboard,
       "copies of --transpose would have left the keyboard, and were not made");
  if (!summary.without_notes.empty())
    LogWarning("{} files have no note and are left out: {}", summary.without_notes.size(),
               Some(summary.without_notes));
  if (!summary.damaged.empty())
    LogWarning("{} files are damaged and left out: {}", summary.damaged.size(),
               Some(summary.damaged));
}

void PrintSplit(const CorpusInfo& corpus, const std::string& name) {
  const SplitInfo& split = corpus.Split(name);
  const auto steps = static_cast<double>(split.steps);
  Index notes = 0;
  for (const Index count : split.label_counts) notes += count;
  std::string frequencies;
  if (corpus.splits.count("train") > 0) {
    frequencies = fmt::format("; keys by their frequency in train: {:.2f} nats per step",
                              FrequencyLoss(corpus, name));
  }
  std::cout << fmt::format(
      "{:<6} {:>7} pieces, {:>9} steps, longest {:>6}, {:.2f} keys per step{}\n", name,
      split.sequences, split.steps, split.longest, static_cast<double>(notes) / steps, frequencies);
}

}  // namespace

ExitCode PrepareMusicVerb(const Arguments& arguments) {
  const Options options("prepare music", Describe(), arguments);
  if (PrintsHelp(options, kUsage, Describe())) return ExitCode::kDone;
  const MusicCorpusOptions music = MusicOptionsOf(options);
  const MusicCorpusSummary summary = PrepareMusic(music, Warn);
  std::array<Index, kDataSplits> counts{};
  for (std::size_t s = 0; s < counts.size(); ++s) {
    const auto found = summary.info.splits.find(DataSplitName(static_cast<DataSplit>(s)));
    counts[s] = found == summary.info.splits.end() ? 0 : found->second.sequences;
  }
  for (const std::string& warning : EmptyDrawWarnings(music.draw, counts))
    LogWarning("{}", warning);
  std::cout << PathText(music.out) << "\n";
  for (const auto& [name, split] : summary.info.splits) PrintSplit(summary.info, name);
  if (summary.transposed > 0)
    std::cout << fmt::format("{} of the training pieces are copies in other keys\n",
                             summary.transposed);
  return ExitCode::kDone;
}

}  // namespace lockstep
