// Starts threads, of which the system may allow fewer than are asked for.
#pragma once

#include <functional>
#include <thread>

#include "base/types.h"

namespace lockstep {

constexpr Index kMostThreads = 4096;  // of one rank, for --threads and train.threads

// A thread that runs `work`. IoError if the system starts no more threads, with its limit for them
// and what to do about it. Threads that the caller has started before go on and must be joined.
std::thread StartThread(std::function<void()> work);

}  // namespace lockstep
