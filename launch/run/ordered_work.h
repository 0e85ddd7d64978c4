// Divides work that has an order between all threads of all ranks, and brings its results back in
// that order: rank 0 cuts the input into numbered chunks, whichever rank has room gets the next
// one, and rank 0 uses the results one after another, as if it had done everything itself. So what
// it writes is the same for any number of ranks and threads, as long as the result of a chunk
// depends on its input only.
//
//   rank 0    next() -> chunk 7 ----> a rank with room      (at most a few per thread)
//             use(5) <- results 5, 6 wait for their turn <-- any rank
//
// Memory does not grow with the input: no chunk is begun that is more than a fixed number of chunks
// ahead of the one that is used next. Inputs and results travel as bytes (chunk_bytes.h).
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "launch/run/work_threads.h"
#include "worker/comm/communicator.h"

namespace lockstep {

struct OrderedJob {
  // Rank 0, main thread. The input of the next chunk; nothing at the end. Empty: there are no more.
  std::function<std::optional<std::string>()> next;
  // Rank 0, main thread. Whether next() would wait for an input that is not there yet (a pipe); it
  // is then called only when nothing is under way, so that whoever writes into the pipe gets all
  // results of what was written. May be empty: it never waits.
  std::function<bool()> may_wait;
  // Any thread of any rank.
  WorkThreads::Work work;
  // Rank 0, main thread. Takes the results, chunk 0 first.
  std::function<void(Index chunk, const std::string& result)> use;
};

// Collective. Does the job with `threads` threads on each rank, besides the main thread, which
// reads, writes and sends. An error ends the work on all ranks: they throw AgreedError alike, with
// the message of the first chunk in their order that failed, so that it does not depend on ranks
// either. Chunks before that one have been used.
void WorkInOrder(const Communicator& comm, int threads, const OrderedJob& job);

}  // namespace lockstep
