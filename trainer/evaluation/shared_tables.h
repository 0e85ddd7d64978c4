// Reads the tables of the shards of a split on rank 0 and sends them to all ranks. If each of a
// thousand ranks read them, the tables would be most of what a job reads.
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
  // `comm`, `info` and `split` must outlive it. `folder` is the corpus folder.
  SharedTables(const Communicator& comm, std::string folder, const CorpusInfo& info,
               const SplitInfo& split);

  // On rank 0, begins to read the tables in another thread. On other ranks, does nothing.
  void Prepare(const std::vector<Index>& shards) override;
  // Collective. Returns the tables. If rank 0 cannot read them, all ranks throw AgreedError with
  // its exit code; the message names file, rank and host.
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
  std::future<Tables> reading_;  // last, so that its thread ends before the members it uses
};

// The shards of a split together with the tables that all ranks of a job share.
struct SharedShards {
  SharedShards(const Communicator& comm, const std::string& folder, const CorpusInfo& info,
               const SplitInfo& split)
      : tables(comm, folder, info, split),
        shards(folder, info, split, comm.size() > 1 ? &tables : nullptr) {}
  SharedTables tables;
  SplitShards shards;
};

}  // namespace lockstep
