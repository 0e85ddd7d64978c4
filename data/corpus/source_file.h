// Describes the files that a corpus was made from, for its provenance.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace lockstep {

// Returns {"file": name without folder, "bytes": size, "hash": 128-bit hash of the bytes}. Reads
// the file once, with constant memory. MissingInput if it does not exist.
nlohmann::json DescribeSource(const std::string& path);

// The JSON text for CorpusInfo::provenance. Bytes that are not valid UTF-8 (in file names) are
// replaced.
std::string ProvenanceText(const nlohmann::json& provenance);

}  // namespace lockstep
