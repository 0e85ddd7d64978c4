// Reads what the system knows about another process, for the case that this process does not
// respond any more. Uses /proc of Linux; what may not be read is left out.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace lockstep {

// The state of a process as in /proc/PID/stat: R runs, S sleeps, D waits for a device, T is
// stopped, t is held by a debugger; '?' if it cannot be read.
char ProcessState(pid_t process);

// Activity that explains why a process gives no sign of progress. Two readings are compared; counts
// only grow.
struct ProcessActivity {
  bool known = false;        // the other members were read
  bool storage = false;      // a thread waits for a device or a network file system (state D)
  std::uint64_t io = 0;      // bytes and calls of reading and writing, of all threads
  std::uint64_t faults = 0;  // pages touched for the first time, by all threads
  double computed = 0;       // seconds for which the main thread has run
  double queued = 0;         // seconds for which the main thread could run but had no core
};
ProcessActivity ActivityOf(pid_t process);

// The same for a single thread.
struct ThreadActivity {
  bool runs = false;  // it has a core, or could run if there was one (state R)
  bool storage = false;
  std::uint64_t io = 0;
  double computed = 0;
  double queued = 0;
};
ThreadActivity ActivityOfThread(pid_t process, pid_t thread);

// Describes what the threads of a process are doing, for example "thread 4242 (batch reader): D, in
// read of /data/shard-0001.h5". Threads that wait for a lock or a task are left out, unless all do.
std::string DescribeThreads(pid_t process);

}  // namespace lockstep
