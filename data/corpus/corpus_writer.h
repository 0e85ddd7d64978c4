// Writes a corpus folder: first the shards, of one split after another or of several at the same
// time, and corpus.json last. Until Finish returns there is no corpus, and a new attempt starts
// from the beginning.
//
//   CorpusWriter writer("corpus", header, {"train", "test"});
//   writer.Add("train", {inputs, targets, steps});
//   CorpusInfo info = writer.Finish(provenance_json);
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/folder_lock.h"
#include "data/corpus/shard_format.h"
#include "data/corpus/shard_writer.h"

namespace lockstep {

class CorpusWriter {
 public:
  // `header` holds everything but splits, provenance and hash. Makes the folder if it does not
  // exist, and locks it until its own end: UsageError if another process is writing a corpus into
  // it. IoError (kCannotCreate) if it holds a corpus already; shards of an interrupted prepare
  // are removed with a line in the log. Sample ids of split number k start at k * 2^40, so that
  // samples can be added to several splits alternately.
  CorpusWriter(const std::string& folder, const CorpusInfo& header,
               const std::vector<std::string>& splits, Index shard_bytes = kDefaultShardBytes);

  // Calls ShardWriter::Add for the split, which must be one of those given at construction.
  void Add(const std::string& split, const Sample& sample) { Writer(split).Add(sample); }
  // Calls ShardWriter::SetSource for all splits. A header with several sources must be given at
  // construction; the table is left out if the training split has samples of only one of them.
  void SetSource(Index source);
  // The writer of a split; saves the look-up for each sample.
  ShardWriter& Writer(const std::string& split);

  // Publishes the last shards and corpus.json. Splits without samples are left out; BadData if no
  // split has a sample. `provenance` is JSON text. Returns what ReadCorpusInfo will return.
  CorpusInfo Finish(const std::string& provenance);

 private:
  std::string folder_;
  FolderLock lock_;
  CorpusInfo info_;
  std::map<std::string, std::unique_ptr<ShardWriter>> writers_;
};

// Writes corpus.json, which makes a corpus complete; its shards must exist. Returns what
// ReadCorpusInfo will return.
CorpusInfo PublishCorpusIndex(const std::string& folder, const CorpusInfo& info);

// True for "<split>-<5 digits or more>.h5" and for temporary names of such files. Only this program
// makes files with these names.
bool IsShardOf(const std::string& name, const std::string& split);

// IoError (kCannotCreate) if the folder holds a corpus. To be called before long work starts.
void RefuseExistingCorpus(const std::string& folder);

}  // namespace lockstep
