// Turns music into a corpus for next-step prediction (Boulanger-Lewandowski et al. 2012): at each
// step a model sees the notes of the step before, at the first one none, and predicts which of the
// 88 keys of a piano sound.
//
//   field "inputs"   uint8 [88] per step: the keys of the step before, ids of the vocabulary "key"
//                    (off, on)
//   field "targets"  a list for each step: the keys that sound, ids of the vocabulary "notes" (A0
//   to
//                    C8), ascending
//
// The corpus is a pure function of the files, their names and the options.
//
//   MusicCorpusOptions options;
//   options.out = "corpus";
//   options.rolls = {"jsb.json"};
//   options.steps_per_beat = 1;
//   const MusicCorpusSummary summary = PrepareMusic(options);
#pragma once

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "data/corpus/corpus_writer.h"
#include "data/music/midi_roll.h"
#include "data/music/music_options.h"

namespace lockstep {

struct MusicCorpusSummary {
  CorpusInfo info;
  MidiLosses losses;
  Index transposed = 0;                         // copies of training pieces in other keys
  Index off_keyboard = 0;                       // copies that would have left the keyboard
  std::vector<std::string> without_notes = {};  // MIDI files that are left out
  std::vector<std::string> damaged = {};        // messages of the files that were left out
};

// Makes the corpus folder options.out. Takes the memory of one piece, the paths of MIDI files and
// one shard per split. Throws the errors of CheckMusicOptions, of the readers and of CorpusWriter.
// `tell` gets the summary before the corpus is finished, which fails if nothing is left of the
// files.
MusicCorpusSummary PrepareMusic(const MusicCorpusOptions& options,
                                const std::function<void(const MusicCorpusSummary&)>& tell = {});

// The steps per beat of a corpus of music, or of a run on it. BadData that names `source` if its
// task does not say them.
Index StepsPerBeat(const std::string& task, const std::string& source);

// The rows of a piece as the corpus stores them; kept for their memory.
struct MusicRows {
  std::vector<std::uint8_t> inputs = {};   // [steps, 88]
  std::vector<std::int32_t> targets = {};  // the lengths of the lists [steps], then their keys
};
void SetRows(const PianoRoll& roll, MusicRows* rows);

}  // namespace lockstep
