// Warns of keys that somebody has set and that have no effect, by the configuration
// (launch/config/idle_keys.h) or on a corpus.
#pragma once

#include <string>
#include <vector>

#include "data/corpus/shard_format.h"
#include "launch/config/config.h"

namespace lockstep {

// A sentence for each key that does nothing on a corpus like this one.
std::vector<std::string> FindIdleCorpusKeys(const Config& config, const CorpusInfo& corpus);

// Logs them all, those of the configuration first. For one rank: others would repeat it.
void WarnOfIdleKeys(const Config& config, const CorpusInfo& corpus);

}  // namespace lockstep
