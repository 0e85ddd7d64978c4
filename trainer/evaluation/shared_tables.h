// The tables of the shards of a split, read by rank 0 and sent to all: with a thousand ranks the
// tables would be most of what a job reads.
#pragma once

#include <future>
#include <string>
#include <vector>

#include "data/corpus/split_shards.h"
#include "data/corpus/table_source.h"
#include "worker/comm/communicator.h"

namespace lockstep {

class SharedTables : public TableSource {
 public:
  // All must outlive it, but for the name of the corpus folder.
  SharedTables(const Communicator& comm, std::string folder, const CorpusInfo& info,
               const SplitInfo& split);

  // Rank 0 begins to read, on a thread of its own.
  void Prepare(const std::vector<Index>& shards) override;
  // Collective. What rank 0 cannot read ends all ranks alike: AgreedError with its exit code,
  // naming file, rank and host.
  std::vector<std::shared_ptr<const ShardTables>> Fetch(const std::vector<Index>& shards) override;

 private:
  using Tables = std::vector<std::shared_ptr<ShardTables>>;
  Tables Read(const std::vector<Index>& shards) const;
  Tables TakeRead(const std::vector<Index>& shards);
  const ShardInfo& Shard(Index shard) const {
    return split_.shards[static_cast<std::size_t>(shard)];
  }

  const Communicator& comm_;
  const std::string folder_;
  const CorpusInfo& info_;
  const SplitInfo& split_;
  std::vector<Index> prepared_;
  std::future<Tables> reading_;  // last: its thread uses the others
};

// The shards of a split as all ranks of a job read them.
struct SharedShards {
  SharedShards(const Communicator& comm, const std::string& folder, const CorpusInfo& info,
               const SplitInfo& split)
      : tables(comm, folder, info, split),
        shards(folder, info, split, comm.size() > 1 ? &tables : nullptr) {}
  SharedTables tables;
  SplitShards shards;
};

}  // namespace lockstep
