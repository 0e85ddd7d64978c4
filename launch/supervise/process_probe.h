// What the system says of another process: of use when that process cannot speak any more. Linux
// (/proc); where something may not be read, it is left out.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace lockstep {

// As in /proc/PID/stat: R runs, S sleeps, D waits for a device, T stopped, t held by a debugger;
// '?' when it cannot be read.
char ProcessState(pid_t process);

// What explains that a process is silent; two of them are compared. Counts never fall.
struct ProcessActivity {
  bool known = false;        // the rest was read
  bool storage = false;      // a thread waits for a device or a network file system (state D)
  std::uint64_t io = 0;      // bytes and calls of reading and writing, of all threads
  std::uint64_t faults = 0;  // pages touched for the first time, of all threads
  double computed = 0;       // seconds, of the main thread
  double queued = 0;         // seconds that it could run and had no core
};
ProcessActivity ActivityOf(pid_t process);

// Of one of its threads.
struct ThreadActivity {
  bool storage = false;
  std::uint64_t io = 0;
  double computed = 0;
  double queued = 0;
};
ThreadActivity ActivityOfThread(pid_t process, pid_t thread);

// What its threads are doing, those that sleep for a lock or a task left out when others are not:
// "thread 4242 (batch reader): D, in read of /data/shard-0001.h5".
std::string DescribeThreads(pid_t process);

}  // namespace lockstep
