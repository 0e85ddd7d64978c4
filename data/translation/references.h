// The target texts of a split as they are in the files of the user, beside the shards of a corpus:
// what translations are compared with, which no rule or token may have changed. One file per split,
// one line per pair in the order of the sample ids; its hash is in the provenance of the corpus:
//
//   "references": {"valid": {"file": "valid-references.txt", "bytes": 70649, "hash": "..."}}
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "data/corpus/shard_format.h"
#include "data/splits/split_draw.h"

namespace lockstep {

class ReferenceWriter {
 public:
  // The file of a split in the folder of a corpus, which must exist; an earlier one is replaced.
  ReferenceWriter(const std::string& folder, DataSplit split);
  ~ReferenceWriter();
  ReferenceWriter(const ReferenceWriter&) = delete;
  ReferenceWriter& operator=(const ReferenceWriter&) = delete;

  void Add(const std::string& line);
  // Publishes the file durably, and returns what the provenance holds of it.
  nlohmann::json Finish();

 private:
  struct File;
  std::unique_ptr<File> file_;
};

// The file of a split in the folder of a corpus.
std::string ReferencesPath(const std::string& folder, const std::string& split);

// Reads the whole file in constant memory, and throws what ReadReferences would.
void CheckReferences(const std::string& folder, const CorpusInfo& corpus, const std::string& split);

// The references of a split by sample, the first one at index 0. Reads and verifies the whole file.
// MissingInput if there is none; BadData if it is not that of the corpus.
std::vector<std::string> ReadReferences(const std::string& folder, const CorpusInfo& corpus,
                                        const std::string& split);

}  // namespace lockstep
