// What the system says of another process: of use when that process cannot speak any more. Linux
// (/proc); where something may not be read, it is left out.
#pragma once

#include <sys/types.h>

#include <string>

namespace lockstep {

// As in /proc/PID/stat: R runs, S sleeps, D waits for a device, T stopped, t held by a debugger;
// '?' when it cannot be read.
char ProcessState(pid_t process);

// What its threads are doing, those that sleep for a lock or a task left out when others are not:
// "thread 4242 (batch reader): D, in read of /data/shard-0001.h5".
std::string DescribeThreads(pid_t process);

}  // namespace lockstep
