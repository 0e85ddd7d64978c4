#include "data/music/music_options.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>

#include "base/error.h"

namespace lockstep {
namespace {

bool HasMidiName(const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  for (char& c : extension) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return extension == ".mid" || extension == ".midi";
}

}  // namespace

void CheckMusicOptions(const MusicCorpusOptions& options) {
  constexpr Index kMostStepsPerBeat = 256, kMostSemitones = 12, kFewestChorales = 3;
  std::vector<std::string> problems = FindSplitDrawProblems(options.draw);
  const auto refuse = [&](bool holds, const std::string& problem) {
    if (holds) problems.push_back(problem);
  };
  const int kinds = (options.rolls.empty() ? 0 : 1) + (options.has_midi() ? 1 : 0) +
                    (options.synthetic > 0 ? 1 : 0);
  refuse(options.out.empty(), "--out is missing: the corpus folder to make");
  refuse(kinds != 1,
         "give the music by one of --rolls (JSON or MAT files), --train (MIDI files, with --valid "
         "and --test) and --synthetic (made-up music)");
  refuse(options.has_midi() && options.midi[0].empty(), "--train is missing: MIDI files");
  refuse(options.draw.draws() && !options.has_midi(),
         "splits are drawn from the MIDI files of --train only; other music has its splits");
  refuse(options.synthetic > 0 && options.synthetic < kFewestChorales,
         fmt::format("--synthetic is {}; allowed are {} and more", options.synthetic,
                     kFewestChorales));
  refuse(options.steps_per_beat < 1 || options.steps_per_beat > kMostStepsPerBeat,
         fmt::format("--steps-per-beat is {}; allowed are 1 to {}", options.steps_per_beat,
                     kMostStepsPerBeat));
  refuse(options.transpose < 0 || options.transpose > kMostSemitones,
         fmt::format("--transpose is {}; allowed are 0 to {} semitones", options.transpose,
                     kMostSemitones));
  refuse(options.shard_bytes < 1, "--shard-bytes must be at least 1");
  if (problems.empty()) return;
  throw UsageError("prepare music: {}; `lockstep prepare music --help` shows examples",
                   fmt::join(problems, "; "));
}

std::vector<std::string> MidiPaths(const std::vector<std::string>& files_and_folders) {
  namespace fs = std::filesystem;
  std::vector<std::string> paths;
  for (const std::string& entry : files_and_folders) {
    std::error_code ignored;
    if (!fs::is_directory(entry, ignored)) {
      paths.push_back(entry);
      continue;
    }
    std::vector<std::string> found;
    for (const fs::directory_entry& file : fs::recursive_directory_iterator(entry)) {
      if (HasMidiName(file.path())) found.push_back(file.path().string());
    }
    if (found.empty())
      throw MissingInput("{}: no file in this folder ends in .mid or .midi", entry);
    std::sort(found.begin(), found.end());
    paths.insert(paths.end(), found.begin(), found.end());
  }
  return paths;
}

}  // namespace lockstep
