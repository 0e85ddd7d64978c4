// Frames of recordings beside a corpus, which training mixes with its samples: noise, and responses
// of rooms (data/stream/energy_mix.h). A store is one file of float32, [frames, width], the
// recordings one after another; corpus.json has its name, lengths and hash.
#pragma once

#include <string>
#include <vector>

#include "data/corpus/shard_format.h"

namespace lockstep {

// The contents of a store.
struct FrameCollection {
  Index width = 0;
  std::vector<Index> offsets{0};  // by recording: its first frame; then the number of all frames
  std::vector<float> values;      // [frames, width]

  Index recordings() const { return std::ssize(offsets) - 1; }
  Index frames() const { return offsets.back(); }
  // The recording that frame number `frame` of all frames belongs to.
  Index RecordingOf(Index frame) const;
  void Add(const std::vector<float>& rows);
};

// Writes FOLDER/file, replacing one that an interrupted prepare has left.
FrameStore WriteFrameStore(const std::string& folder, const std::string& file,
                           const FrameCollection& frames);

// Reads and verifies a store. MissingInput if the file does not exist, BadData that names it if its
// size or hash is not that in corpus.json, or if a value is not finite.
FrameCollection ReadFrameStore(const std::string& folder, const FrameStore& store);

}  // namespace lockstep
