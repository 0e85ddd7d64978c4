// The recordings that `lockstep predict` is given: as words of --audio, as a list of names, as a
// manifest, or on standard input.
#pragma once

#include <string>
#include <vector>

#include "data/speech/manifests/utterance.h"
#include "launch/frame/options.h"

namespace lockstep {

// A recording and how results name it: by its path, or by its id in the manifest.
struct ListedRecording {
  Utterance utterance;
  std::string shown;
};

// --audio, --audio-list, --manifest, --manifest-format and --audio-root.
std::span<const OptionRow> RecordingRows();

// The value of --channel, which must have been given: see ParseChannel. UsageError for others.
int ChosenChannel(const Options& options);

// All recordings, in the order of --audio, --audio-list and --manifest. A line of a manifest that
// cannot be used has a `problem`. UsageError when there is none, or when two would have the same id
// although results are written by id.
std::vector<ListedRecording> ListRecordings(const Options& options);

}  // namespace lockstep
