#include "launch/run/thread_count.h"

#include "base/error.h"
#include "base/start_thread.h"

namespace lockstep {

Index ThreadsOf(const Options& options) {
  const Index threads = options.Number("threads", 1, 1);
  if (threads <= kMostThreads) return threads;
  throw UsageError("--threads is {}; allowed are at most {} for each rank", threads, kMostThreads);
}

}  // namespace lockstep
