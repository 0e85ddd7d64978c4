// Runs work that may fail on some ranks only, so that all ranks leave it with the same error and no
// rank waits for one that has given up.
#pragma once

#include <functional>

#include "base/error.h"
#include "worker/comm/communicator.h"

namespace lockstep {

// An error that all ranks throw together. Only the lowest rank that failed has the message; on the
// other ranks the message is empty and must not be printed.
class AgreedError : public Error {
 public:
  using Error::Error;
  bool speaks() const { return what()[0] != '\0'; }
};

// Collective. Runs `work` on every rank. If it throws on any rank, every rank throws AgreedError
// with the exit code of the lowest rank on which it threw.
void Together(const Communicator& comm, const std::function<void()>& work);

}  // namespace lockstep
