// Work that may fail on some ranks only, done so that nobody waits for a rank that has given up.
#pragma once

#include <functional>

#include "base/error.h"
#include "worker/comm/communicator.h"

namespace lockstep {

// An error that every rank knows of, so that all can leave in order. The lowest rank that failed
// has the message; on the others it is empty and nothing is to be printed.
class AgreedError : public Error {
 public:
  using Error::Error;
  bool speaks() const { return what()[0] != '\0'; }
};

// Collective. Runs `work` on every rank. When it throws anywhere, every rank throws AgreedError
// with the same exit code.
void Together(const Communicator& comm, const std::function<void()>& work);

}  // namespace lockstep
