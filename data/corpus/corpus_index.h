// corpus.json to CorpusInfo, believing nothing: every kind, count and sum is checked.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "data/corpus/shard_format.h"

namespace lockstep {

// Of a document whose version and hash are right; `file` stands in messages. BadData names the
// place in the document and what is allowed there.
CorpusInfo CorpusFromDocument(const nlohmann::json& document, const std::string& file);

}  // namespace lockstep
