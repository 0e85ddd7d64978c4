// The shards of a split, as one rank reads them: the tables of one window, and a limited number of
// open files, which stay open from window to window and from epoch to epoch. It is used by the
// thread that reads batches; only tables that rank 0 has read for all come from the main thread.
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

  // With a `source`, tables come through Give only; without one, they are read from the files. All
  // arguments must outlive this. At most a quarter of the files that the process may open are kept
  // open.
  SplitShards(std::string folder, const CorpusInfo& info, const SplitInfo& split,
              TableSource* source = nullptr);

  TableSource* source() const { return source_; }

  // Reading thread. Returns a shard, to ask for the lengths of its records. The plan asks for all
  // shards of a window together; so the first call after ForReading begins a new window, and the
  // tables of the previous one are freed, unless the split is a single window. With a source, waits
  // until the main thread has given the tables.
  const ShardReader& ForLengths(Index shard);
  // Reading thread. Returns a shard of the current window, to read records. All shards share their
  // buffers, so what one has read is valid until another one reads.
  ShardReader& ForReading(Index shard);

  // Main thread. Collective if there is a source. The steps of each record, by shard. The first
  // call reads the tables of all shards one after another; only the steps are kept, 8 bytes per
  // record.
  const std::vector<std::vector<Index>>& Lengths();
  // Main thread. Says that a stream begins to read, with windows of `window_sequences` samples.
  // Only one stream may read at a time.
  void BeginStream(Index window_sequences);
  // Main thread. Ends the waiting for tables: ForLengths throws.
  void EndStream();
  // Main thread. Give delivers the tables of a shard to ForLengths. Forget drops those of all
  // shards that are not in `kept`.
  void Give(Index shard, std::shared_ptr<const ShardTables> tables);
  void Forget(const std::vector<Index>& kept);
  bool Has(Index shard) const { return given_.contains(shard); }

  std::size_t open_shards() const;
  std::size_t most_open_shards() const { return most_open_; }

 private:
  struct Entry {
    std::unique_ptr<ShardReader> reader;
    std::uint64_t used = 0;  // value of questions_ when it was last used
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
  RecordBuffers buffers_;  // shared by all readers
  std::map<Index, Entry> entries_;
  std::uint64_t questions_ = 0;  // number of calls so far
  bool window_is_read_ = false;
  bool is_one_window_ = false;
  std::vector<std::vector<Index>> lengths_;  // by shard; empty until Lengths is called

  std::mutex mutex_;  // guards the members below, which only the main thread changes
  std::condition_variable changed_;
  std::map<Index, std::shared_ptr<const ShardTables>> given_;
  bool ended_ = false;
};

}  // namespace lockstep
