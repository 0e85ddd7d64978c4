#include "launch/config/agreement.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/host_name.h"
#include "base/json_text.h"
#include "base/log.h"
#include "worker/comm/together.h"

namespace lockstep {

void CheckSameOnAllRanks(const Communicator& comm, const std::map<std::string, std::string>& mine) {
  std::string text = JsonText(nlohmann::json(mine)), host = HostName();
  comm.Broadcast(&text);
  comm.Broadcast(&host);
  const auto of_root = ParseJson(text).get<std::map<std::string, std::string>>();
  Together(comm, [&] {
    for (const auto& [key, value] : mine) {
      const auto found = of_root.find(key);
      if (found != of_root.end() && found->second == value) continue;
      throw UsageError(
          "rank {} on {} has {} = \"{}\", rank 0 on {} has \"{}\"; start all ranks alike: one "
          "command line, one --config FILE that all hosts share, the same LOCKSTEP_* variables "
          "(`mpirun -x NAME` hands one on)",
          comm.rank(), HostName(), key, value, host,
          found == of_root.end() ? "nothing" : found->second);
    }
  });
}

Isa AgreeOnIsa(const Communicator& comm, const std::string& configured,
               const std::string& of_checkpoint) {
  const Isa common = static_cast<Isa>(comm.Min(static_cast<Index>(DetectIsa())));
  if (configured == "auto") {
    std::string stored = of_checkpoint;
    comm.Broadcast(&stored);
    if (stored.empty() || SameBits(IsaFromName(stored), common)) return common;
    return std::min(IsaFromName(stored), common);
  }
  const Isa wanted = IsaFromName(configured);
  if (wanted > common) {
    throw AgreedError(ExitCode::kUsage,
                      comm.rank() != 0
                          ? ""
                          : fmt::format("numerics.isa is {}; the weakest machine of the job has {} "
                                        "only; use that, or auto",
                                        configured, IsaName(common)));
  }
  return wanted;
}

Isa SelectInstructions(const Communicator& comm, const RunConfig& config,
                       const std::string& of_checkpoint) {
  const Isa isa = AgreeOnIsa(comm, config.isa, of_checkpoint);
  SelectIsa(isa);
  return isa;
}

void WarnOfIdleWorkers(Index ranks, Index threads, Index slots) {
  const Index workers = ranks * threads;
  if (workers <= slots) return;
  LogWarning(
      "{} ranks x {} threads = {} workers, but batch.slots is {}, and a worker without a slot has "
      "nothing to compute; use {} workers, or start a new run, whose results will have other bits, "
      "with batch.slots = {} and batch.sequences = {} or more",
      ranks, threads, workers, slots, slots, workers, 4 * workers);
}

}  // namespace lockstep
