// Turns corpus.json into CorpusInfo. The file is not trusted: every type, count and sum is checked.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "data/corpus/shard_format.h"

namespace lockstep {

// Reads a document whose version and hash have been checked. BadData that names `file`, the place
// in the document and what is allowed there.
CorpusInfo CorpusFromDocument(const nlohmann::json& document, const std::string& file);

}  // namespace lockstep
