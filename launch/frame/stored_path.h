// What a path on the command line holds, from its name and first bytes, for verbs that take any.
#pragma once

#include <string>

#include "data/corpus/shard_format.h"

namespace lockstep {

enum class StoredKind { kCorpus, kShard, kCheckpoint, kRun };

struct StoredPath {
  StoredKind kind = StoredKind::kCorpus;
  std::string folder;  // of the corpus or run; the one that holds the shard or checkpoint
  std::string file;    // name of the shard or checkpoint within it
  // As the user would write it.
  std::string full() const {
    if (file.empty()) return folder;
    return folder == "." ? file : folder + "/" + file;
  }
};

// MissingInput when there is no such path, or a folder that is neither a corpus nor a run; BadData
// when a file is none of ours.
StoredPath Recognise(const std::string& path);

// MissingInput saying what a run folder has when `path` is none.
void RequireRunFolder(const std::string& path);

// A shard in the index of its corpus.
struct ListedShard {
  std::string split;
  const ShardInfo* shard = nullptr;  // in the CorpusInfo
};
// BadData when the index does not list a file of that name.
ListedShard FindShard(const CorpusInfo& corpus, const StoredPath& path);

}  // namespace lockstep
