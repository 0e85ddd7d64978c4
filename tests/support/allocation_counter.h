// Counts what a program asks of the heap, on all threads, by standing in front of the C library's
// malloc (which operator new calls, too). Link allocation_counter.cc into a test of its own: it
// takes the place of malloc in the whole program. glibc only.
#pragma once

#include <cstdint>

namespace lockstep {

// Allocations so far. Those of one thread are counted when it is the one that asks.
std::int64_t AllocationsOfAllThreads();
std::int64_t AllocationsOfThisThread();

}  // namespace lockstep
