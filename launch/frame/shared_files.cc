#include "launch/frame/shared_files.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <thread>

#include "base/durable_file.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/host_name.h"
#include "base/output_name.h"
#include "base/phase_timer.h"
#include "base/rank_status.h"
#include "data/corpus/shard_claims.h"
#include "worker/comm/together.h"

namespace lockstep {
namespace {

// A network file system shows a new name when it is asked for, at worst after a moment.
constexpr double kPatienceSeconds = 0.5;
constexpr std::chrono::milliseconds kBetweenLooks{20};

// Files of one name may differ between hosts, where there are several. The rank is named by whoever
// prints the error.
template <typename Work>
void NamingHost(bool several, const Work& work) {
  try {
    work();
  } catch (const Error& error) {
    if (!several) throw;
    throw Error(error.code(), fmt::format("on host {}: {}", HostName(), error.what()));
  }
}

// Collective. `first`: this rank is its host's first.
bool HasSeveralHosts(const Communicator& comm, bool first) {
  return comm.Max(first && comm.rank() != 0 ? 1 : 0) != 0;
}

// corpus.json of rank 0 as it travels: where it lies, who read it, its bytes' hash.
struct CorpusText {
  std::string folder;
  std::string host;
  std::string text;

  std::string file() const { return folder + "/" + kCorpusIndexName; }
  void BroadcastFromRoot(const Communicator& comm) {
    for (std::string* part : {&folder, &host, &text}) comm.Broadcast(part);
  }
};

void CompareCorpus(const CorpusText& root, const std::string& folder, const std::string& mine,
                   const Communicator& comm) {
  if (mine == root.text) return;
  throw UsageError(
      "rank {} on {} sees another corpus in {} (file hash {}) than rank 0 on {} in {} (file hash "
      "{}); copy one corpus to all hosts, or name a folder that they share with --corpus",
      comm.rank(), HostName(), folder, Hash128Hex(std::as_bytes(std::span(mine))), root.host,
      root.folder, Hash128Hex(std::as_bytes(std::span(root.text))));
}

// CheckShardFiles, and UsageError for the folder of a run, which has a copy of corpus.json alone.
void RequireShards(const std::string& folder, const CorpusInfo& corpus) {
  CheckShardFiles(folder, corpus);
  const auto has_shard = [&](const auto& split) {
    return std::ranges::any_of(split.second.shards, [&](const ShardInfo& shard) {
      return IsTaken(folder + "/" + shard.file);
    });
  };
  if (!IsTaken(folder + "/config.toml") || std::ranges::any_of(corpus.splits, has_shard)) return;
  throw UsageError(
      "--corpus {}: the folder holds a run and no corpus; name the folder that `lockstep prepare` "
      "made",
      folder);
}

// A name that no other program and no earlier run can have chosen.
std::string WitnessName() {
  std::random_device random;
  return fmt::format(".tmp-witness-{:08x}{:08x}-{}", random(), random(), ::getpid());
}

bool Appears(const std::string& path) {
  const double start = Seconds();
  while (::access(path.c_str(), R_OK) != 0) {
    if (Seconds() - start > kPatienceSeconds) return false;
    std::this_thread::sleep_for(kBetweenLooks);
    Status().Beat();  // no stall
  }
  return true;
}

}  // namespace

void TogetherOnHosts(const Communicator& comm, const std::function<void()>& work) {
  const bool several = HasSeveralHosts(comm, comm.IsFirstOnHost());
  Together(comm, [&] { NamingHost(several, work); });
}

CorpusInfo ReadSharedCorpus(const Communicator& comm, const std::string& folder) {
  const bool first = comm.IsFirstOnHost();
  const bool several = HasSeveralHosts(comm, first);
  CorpusText root{folder, HostName(), ""};
  Together(comm, [&] {
    if (comm.rank() != 0) return;
    NamingHost(several, [&] { root.text = ReadCorpusText(folder); });
  });
  root.BroadcastFromRoot(comm);
  const bool looks = first || folder != root.folder;
  CorpusInfo corpus;
  Together(comm,
           [&] { NamingHost(several, [&] { corpus = CorpusFromJson(root.text, root.file()); }); });
  Together(comm, [&] {
    if (comm.rank() == 0) NamingHost(several, [&] { RequireShards(folder, corpus); });
  });
  Together(comm, [&] {
    if (comm.rank() == 0 || !looks) return;
    std::string mine;
    NamingHost(several, [&] { mine = ReadCorpusText(folder); });
    CompareCorpus(root, folder, mine, comm);
  });
  return corpus;
}

void RequireSharedFolder(const Communicator& comm, const std::string& folder) {
  const bool first = comm.IsFirstOnHost();
  if (!HasSeveralHosts(comm, first)) return;
  const bool looks = first && comm.rank() != 0;
  std::string name = WitnessName(), host = HostName();
  comm.Broadcast(&name);
  comm.Broadcast(&host);
  const std::string path = folder + "/" + name;
  Together(comm, [&] {
    if (comm.rank() == 0) WriteDurably(path, host);
  });
  const auto look = [&] {
    if (!looks || Appears(path)) return;
    throw UsageError(
        "rank {} on {} does not see what rank 0 on {} writes into the run folder {}: it is not "
        "shared; give --run a folder on the file system that all hosts mount, by its full path",
        comm.rank(), HostName(), host, folder);
  };
  try {
    Together(comm, look);
  } catch (const AgreedError&) {
    if (comm.rank() == 0) RemoveDurably(path);
    throw;
  }
  if (comm.rank() == 0) RemoveDurably(path);
}

}  // namespace lockstep
