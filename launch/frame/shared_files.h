// What all ranks of a job need from the file system, read by one of them; and that the hosts see
// the same files, looked at by one rank of each. A job of thousands of ranks asks a file server as
// many questions as it has hosts, not ranks.
#pragma once

#include <functional>
#include <string>

#include "data/corpus/shard_format.h"
#include "worker/comm/communicator.h"

namespace lockstep {

// Collective. Together (worker/comm/together.h), for files that each rank reads: the message names
// the host where there are several.
void TogetherOnHosts(const Communicator& comm, const std::function<void()>& work);

// Collective. The corpus as rank 0 reads it, everywhere. The first rank of each other host, and a
// rank that was given another folder than rank 0, compare corpus.json there with rank 0's. Throws
// AgreedError on all ranks alike: what could not be read (with its exit code), a shard that has not
// the size that corpus.json says, or kUsage with both hosts and hashes. The message names file,
// rank and host.
CorpusInfo ReadSharedCorpus(const Communicator& comm, const std::string& folder);

// Collective. Throws AgreedError (kUsage) on all ranks when a host does not see what rank 0 writes
// into the folder, which is there on rank 0. Nothing is left in it.
void RequireSharedFolder(const Communicator& comm, const std::string& folder);

}  // namespace lockstep
