// Counts the allocations of a program, on all threads, by replacing malloc of the C library (which
// operator new calls, too). allocation_counter.cc must be linked into a separate test program,
// because it replaces malloc in the whole program. Works with glibc only.
#pragma once

#include <cstdint>

namespace lockstep {

// The number of allocations so far, of all threads or of the calling thread.
std::int64_t AllocationsOfAllThreads();
std::int64_t AllocationsOfThisThread();

}  // namespace lockstep
