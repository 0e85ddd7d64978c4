#include "trainer/evaluation/shared_tables.h"

#include "base/error.h"
#include "base/host_name.h"
#include "base/rank_status.h"
#include "worker/comm/together.h"

namespace lockstep {

SharedTables::SharedTables(const Communicator& comm, std::string folder, const CorpusInfo& info,
                           const SplitInfo& split)
    : comm_(comm), folder_(std::move(folder)), info_(info), split_(split) {}

void SharedTables::Prepare(const std::vector<Index>& shards) {
  if (comm_.rank() != 0) return;
  prepared_ = shards;
  reading_ = std::async(std::launch::async, [this, shards] {
    NameThread("tables");
    return Read(shards);
  });
}

SharedTables::Tables SharedTables::Read(const std::vector<Index>& shards) const {
  Tables tables;
  for (const Index shard : shards) {
    const RawFile file = OpenShard(folder_, Shard(shard));
    tables.push_back(std::make_shared<ShardTables>(ReadShardTables(file, info_, Shard(shard))));
    Status().Beat();
  }
  return tables;
}

SharedTables::Tables SharedTables::TakeRead(const std::vector<Index>& shards) {
  try {
    return reading_.valid() && prepared_ == shards ? reading_.get() : Read(shards);
  } catch (const Error& error) {
    throw Error(error.code(), fmt::format("rank 0 on {}, which reads the tables for all: {}",
                                          HostName(), error.what()));
  }
}

std::vector<std::shared_ptr<const ShardTables>> SharedTables::Fetch(
    const std::vector<Index>& shards) {
  Tables tables;
  Together(comm_, [&] {
    if (comm_.rank() == 0) tables = TakeRead(shards);
  });
  std::vector<std::shared_ptr<const ShardTables>> found;
  for (std::size_t i = 0; i < shards.size(); ++i) {
    if (comm_.rank() != 0) {
      tables.push_back(std::make_shared<ShardTables>(info_, Shard(shards[i])));
    }
    comm_.BroadcastWords(tables[i]->words());
    found.push_back(tables[i]);
  }
  return found;
}

}  // namespace lockstep
