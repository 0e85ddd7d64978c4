// Makes a corpus folder: shards split by split or side by side, corpus.json last. Until Finish
// returns there is no corpus, and a new attempt starts from nothing.
//
//   CorpusWriter writer("corpus", header, {"train", "test"});
//   writer.Add("train", {inputs, targets, steps});
//   CorpusInfo info = writer.Finish(provenance_json);
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "data/corpus/shard_format.h"
#include "data/corpus/shard_writer.h"

namespace lockstep {

class CorpusWriter {
 public:
  // `header` gives all but splits, provenance and hash. Makes the folder when it is missing.
  // IoError (cannot create) when it holds a corpus already; shards that an interrupted prepare left
  // are removed with a line in the log. Sample ids of split k start at k * 2^40, so that splits can
  // grow side by side.
  CorpusWriter(const std::string& folder, const CorpusInfo& header,
               const std::vector<std::string>& splits, Index shard_bytes = kDefaultShardBytes);

  // As ShardWriter::Add; `split` is one of those named at construction.
  void Add(const std::string& split, const Sample& sample) { Writer(split).Add(sample); }
  // For many samples: one look-up.
  ShardWriter& Writer(const std::string& split);

  // Publishes the last shards and corpus.json. Splits without a sample are left out; BadData when
  // none has one. `provenance` is JSON text. The result is what ReadCorpusInfo gives.
  CorpusInfo Finish(const std::string& provenance);

 private:
  std::string folder_;
  CorpusInfo info_;
  std::map<std::string, std::unique_ptr<ShardWriter>> writers_;
};

// Writes corpus.json, by which a corpus whose shards are there becomes complete. The result is what
// ReadCorpusInfo gives.
CorpusInfo PublishCorpusIndex(const std::string& folder, const CorpusInfo& info);

// "<split>-<5 digits or more>.h5", or a temporary name of such a file: files that only we make.
bool IsShardOf(const std::string& name, const std::string& split);

// IoError (cannot create) when the folder holds a corpus. For refusing before long work starts.
void RefuseExistingCorpus(const std::string& folder);

}  // namespace lockstep
