#include "launch/tasks/music/generate_music.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <iostream>

#include "base/durable_file.h"
#include "base/error.h"
#include "data/music/midi_roll.h"
#include "data/music/music_corpus.h"
#include "launch/output/cell_text.h"
#include "launch/output/text_output.h"
#include "launch/tasks/music/compose.h"
#include "launch/tasks/music/piano_roll_svg.h"
#include "launch/tasks/music/sound_file.h"
#include "worker/comm/together.h"

namespace lockstep {
namespace {

constexpr OptionRow kRows[] = {
    {"prefix-steps N", "steps of --prefix that are taken from its beginning; default: all"},
    {"tempo BPM", "beats (quarter notes) per minute of the pieces, 4 to 1000; default 100"},
    {"files KINDS",
     "which files to write, names between commas: mid (MIDI), wav (sound), svg (picture); default "
     "mid,wav,svg"},
};

struct MusicOutput {
  std::string folder;
  std::vector<std::string> kinds;
  Index steps_per_beat = 0;
  double beats_per_minute = 0;
  Index prefix_steps = 0;
};

std::vector<std::string> KindsOf(const Options& options) {
  const std::vector<std::string> allowed = {"mid", "wav", "svg"};
  std::vector<std::string> kinds = options.AtCommas("files");
  for (const std::string& kind : kinds) {
    if (std::ranges::find(allowed, kind) != allowed.end()) continue;
    throw UsageError("generate: --files names \"{}\"; allowed are {}", kind,
                     fmt::join(allowed, ", "));
  }
  return kinds.empty() ? allowed : kinds;
}

// A model that is given silence to go on from makes what it makes without a prefix.
void RequireNotes(const std::string& path, const std::vector<KeySet>& steps, std::size_t all_steps,
                  const MidiLosses& losses) {
  if (std::ranges::any_of(steps, [](const KeySet& step) { return step.any(); })) return;
  const std::string left_out =
      losses.percussion + losses.off_keyboard == 0
          ? ""
          : fmt::format(" ({} notes of percussion and {} that no piano has are left out)",
                        losses.percussion, losses.off_keyboard);
  if (steps.size() < all_steps) {
    throw UsageError(
        "generate: --prefix {} has no note in its first {} steps{}, so there is nothing to go on "
        "from; give a larger --prefix-steps (it has {} steps) or another file",
        path, steps.size(), left_out, all_steps);
  }
  throw BadData(
      "{}: has no note{}, so there is nothing to go on from (--prefix); give another file", path,
      left_out);
}

std::vector<KeySet> PrefixOf(const Options& options, Index steps_per_beat) {
  const auto path = options.Maybe("prefix");
  if (!path && options.Has("prefix-steps"))
    throw UsageError("generate: --prefix-steps goes with --prefix, the MIDI file to begin with");
  if (!path) return {};
  MidiLosses losses;
  std::vector<KeySet> steps = RollOfMidi(*path, ReadMidiFile(*path), steps_per_beat, &losses).steps;
  const auto most = static_cast<std::size_t>(options.Number("prefix-steps", kMostSteps, 1));
  const std::size_t all_steps = steps.size();
  steps.resize(std::min(all_steps, most));
  RequireNotes(*path, steps, all_steps, losses);
  return steps;
}

CompositionOptions CompositionOf(const Options& options, Index steps_per_beat) {
  constexpr Index kMostPieces = 10000;
  constexpr double kHottest = 100;
  CompositionOptions composition;
  composition.samples = options.Number("samples", composition.samples, 1);
  composition.length = options.Number("length", composition.length, 1);
  composition.seed = static_cast<std::uint64_t>(options.Number("seed", 1, 0));
  composition.temperature = options.Real("temperature", 1, 0, kHottest);
  composition.prefix = PrefixOf(options, steps_per_beat);
  const Index steps = composition.length + std::ssize(composition.prefix);
  if (steps > kMostSteps)
    throw UsageError("generate: a piece would have {} steps; allowed are {}", steps, kMostSteps);
  if (composition.samples > kMostPieces)
    throw UsageError("generate: --samples is {}; allowed are 1 to {}", composition.samples,
                     kMostPieces);
  return composition;
}

void WriteText(const std::string& path, const std::string& text) {
  TextOutput output(path);
  output.stream() << text;
  output.Finish();
}

void WritePiece(const PianoRoll& piece, const MusicOutput& output, std::size_t number) {
  const std::string stem = fmt::format("{}/piece-{}", output.folder, number);
  const auto wants = [&](const char* kind) {
    return std::ranges::find(output.kinds, kind) != output.kinds.end();
  };
  if (wants("mid"))
    WriteText(stem + ".mid", MidiOfRoll(piece, output.steps_per_beat, output.beats_per_minute));
  if (wants("svg"))
    WriteText(stem + ".svg", PianoRollSvg(piece, output.steps_per_beat, output.prefix_steps));
  SoundOptions sound;
  sound.seconds_per_step =
      60 / output.beats_per_minute / static_cast<double>(output.steps_per_beat);
  if (wants("wav")) WriteSound(piece, sound, stem + ".wav");
}

void RequireMusic(const Options& options, const CorpusInfo& corpus) {
  const bool fits = corpus.kind == "music" && !corpus.leading().is_real() &&
                    corpus.leading().width == static_cast<Index>(kKeys) &&
                    corpus.classes().size() == kKeys;
  if (fits) return;
  throw BadData(
      "{}: the corpus of the run is not one of `lockstep prepare music`: it has no inputs "
      "and targets of {} keys",
      options.Text("run"), kKeys);
}

}  // namespace

std::span<const OptionRow> GenerateMusicRows() { return kRows; }

ExitCode GenerateMusic(const Communicator& comm, const Options& options, const CorpusInfo& corpus) {
  constexpr double kTempo = 100, kSlowest = 4, kFastest = 1000;
  MusicOutput output;
  CompositionOptions composition;
  Together(comm, [&] {
    RequireMusic(options, corpus);
    output.folder = options.Text("out");
    output.kinds = KindsOf(options);
    output.steps_per_beat = StepsPerBeat(corpus.task, options.Text("run"));
    output.beats_per_minute = options.Real("tempo", kTempo, kSlowest, kFastest);
    composition = CompositionOf(options, output.steps_per_beat);
    output.prefix_steps = std::ssize(composition.prefix);
  });
  const auto trained = LoadForPrediction(comm, options, corpus);
  Together(comm, [&] {
    if (comm.rank() != 0) return;
    MakeFolder(output.folder);
    const std::vector<PianoRoll> pieces = Compose(*trained, composition);
    for (std::size_t p = 0; p < pieces.size(); ++p) WritePiece(pieces[p], output, p + 1);
    std::cout << fmt::format("{}: {} pieces of {} steps ({}), made by {}\n",
                             PathText(output.folder), pieces.size(), pieces[0].steps.size(),
                             fmt::join(output.kinds, ", "), PathText(Describe(*trained)));
  });
  return ExitCode::kDone;
}

}  // namespace lockstep
