// A call of MPI in which all ranks meet, waited for in a loop of ours. Its turns tell the
// supervisor (base/rank_status.h) who waits for others from who hangs inside MPI, which a blocking
// call would hide. Internal to worker/comm/.
#pragma once

#include <mpi.h>

#include <array>

#include "base/rank_status.h"

namespace lockstep {

class JointCall {
 public:
  // `name` is for errors, and must outlive the call.
  explicit JointCall(const char* name) : name_(name) { requests_.fill(MPI_REQUEST_NULL); }
  JointCall(const JointCall&) = delete;
  JointCall& operator=(const JointCall&) = delete;

  // For the next of at most four nonblocking calls of MPI, whose code Begin takes; Finish that of
  // the last, and waits for all. IoError with exit code 76 and MPI's own words.
  MPI_Request* request();
  void Begin(int code);
  void Finish(int code);

 private:
  const char* name_;
  ScopedWaiting waiting_{Waiting::kPolling};
  std::array<MPI_Request, 4> requests_;
  int begun_ = 0;
};

}  // namespace lockstep
