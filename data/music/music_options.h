// How music becomes a corpus. docs/music.md explains each option.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "data/corpus/shard_writer.h"
#include "data/splits/split_draw.h"

namespace lockstep {

struct MusicCorpusOptions {
  std::string out;  // folder of the corpus, which must hold none
  // JSON or MAT files that hold all splits; or, instead, MIDI files and folders of them by
  // DataSplit; or, instead, the number of made-up chorales, of which a tenth each is for validation
  // and test.
  std::vector<std::string> rolls = {};
  std::array<std::vector<std::string>, kDataSplits> midi = {};
  Index synthetic = 0;
  std::uint64_t synthetic_seed = 1;
  SplitDraw draw = {};  // takes valid and test from the MIDI files of train
  // The grid of MIDI files, 1 to 256; of other files, what their steps are, for playing them.
  Index steps_per_beat = 4;
  // Adds copies of the training pieces that are up to so many semitones higher and lower, 0 to 12,
  // where they stay on the keyboard: music means the same in another key.
  Index transpose = 0;
  bool skip_damaged = false;               // leaves out damaged MIDI files with a warning
  Index shard_bytes = kDefaultShardBytes;  // 1 or more

  bool has_midi() const { return !midi[0].empty() || !midi[1].empty() || !midi[2].empty(); }
};

// UsageError that lists all violations together.
void CheckMusicOptions(const MusicCorpusOptions& options);

// All MIDI files of a split: folders are searched with those in them, for names that end in .mid or
// .midi, in the order of their bytes. MissingInput for a folder without any.
std::vector<std::string> MidiPaths(const std::vector<std::string>& files_and_folders);

}  // namespace lockstep
