// Verifies the files of a corpus. Memory: the tables and one record of a shard.
#pragma once

#include "launch/frame/stored_path.h"
#include "launch/verbs/verify_report.h"

namespace lockstep {

// Every shard against the index, every record against its checksum, and the index against what the
// shards add up to.
void VerifyCorpus(const std::string& folder, VerifyReport* report);

// One shard; its index must lie beside it.
void VerifyShardFile(const StoredPath& path, VerifyReport* report);

}  // namespace lockstep
