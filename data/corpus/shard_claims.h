// What corpus.json claims of a shard, measured before memory is taken for it: the arrays must fit
// in the file, and the file must be as large as claimed.
#pragma once

#include <string>

#include "base/json_node.h"
#include "data/corpus/shard_format.h"

namespace lockstep {

// Every array of the shard lies within its claimed bytes. BadData naming the place in corpus.json.
// Looks at no file.
void CheckShardClaims(const JsonNode& node, const CorpusInfo& info, const ShardInfo& shard);

// BadData when the file has not the size that the index says.
void RequireShardBytes(const std::string& path, Index bytes, const ShardInfo& shard);

// The same for all shards of the corpus that are there; one question to the file system each, so it
// is for one rank of a job. A shard that is missing is left to who reads it.
void CheckShardFiles(const std::string& folder, const CorpusInfo& info);

}  // namespace lockstep
