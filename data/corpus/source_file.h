// What is kept of the files that a corpus was made from.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace lockstep {

// {"file": name without folder, "bytes": size, "hash": 128-bit hash of the bytes}. Reads the file
// once, in constant memory. MissingInput when it is not there.
nlohmann::json DescribeSource(const std::string& path);

// JSON text for CorpusInfo::provenance; bytes that are no UTF-8 (in file names) are replaced.
std::string ProvenanceText(const nlohmann::json& provenance);

}  // namespace lockstep
