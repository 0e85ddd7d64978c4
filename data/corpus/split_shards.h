// The shards of a split as a rank reads them: tables of one window, and a bounded number of open
// files, which stay open from window to window and from epoch to epoch. Belongs to the thread that
// reads batches, but for the tables that others have read, which the main thread gives to it.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "data/corpus/shard_reader.h"
#include "data/corpus/table_source.h"

namespace lockstep {

class SplitShards {
 public:
  static constexpr std::size_t kMostOpenShards = 256;

  // With a `source` tables are what Give brings, without one they are read here. All must outlive
  // this. At most a quarter of the files that the process may have are kept open.
  SplitShards(std::string folder, const CorpusInfo& info, const SplitInfo& split,
              TableSource* source = nullptr);

  TableSource* source() const { return source_; }

  // Reading thread. A shard for the lengths of its records. The plan asks for all shards of a
  // window at once, so the first question after a read begins a new window: the tables of the
  // former one are dropped, unless the split is one window. Waits for tables that others read.
  const ShardReader& ForLengths(Index shard);
  // Reading thread. A shard of the current window, for reading; what it reads is valid until
  // another one does.
  ShardReader& ForReading(Index shard);

  // Main thread. A stream begins to read with windows of so many samples; only one at a time.
  void BeginStream(Index window_sequences);
  // Main thread. Whoever waits for tables gives up: ForLengths throws.
  void EndStream();
  // Main thread. Tables for ForLengths; those of shards that are not in `kept` are forgotten.
  void Give(Index shard, std::shared_ptr<const ShardTables> tables);
  void Forget(const std::vector<Index>& kept);
  bool Has(Index shard) const { return given_.contains(shard); }

  std::size_t open_shards() const;
  std::size_t most_open_shards() const { return most_open_; }

 private:
  struct Entry {
    std::unique_ptr<ShardReader> reader;
    std::uint64_t used = 0;  // when, in questions
  };
  void BeginWindow();
  Entry& Find(Index shard);
  std::shared_ptr<const ShardTables> TablesOf(Index shard);
  void MakeRoom();

  const std::string folder_;
  const CorpusInfo& info_;
  const SplitInfo& split_;
  TableSource* const source_;
  const std::size_t most_open_;
  RecordBuffers buffers_;  // of all readers
  std::map<Index, Entry> entries_;
  std::uint64_t questions_ = 0;
  bool window_is_read_ = false;
  bool is_one_window_ = false;

  std::mutex mutex_;  // of what follows; only the main thread changes it
  std::condition_variable changed_;
  std::map<Index, std::shared_ptr<const ShardTables>> given_;
  bool ended_ = false;
};

}  // namespace lockstep
