// A collective call of MPI, made nonblocking and waited for in a loop of our own. Each turn of the
// loop tells the supervisor (base/rank_status.h) that this rank waits for others. A rank that hangs
// inside MPI makes no turns, so the supervisor can tell the two apart; a blocking call would hide
// the difference. Internal to worker/comm/.
#pragma once

#include <mpi.h>

#include <array>

#include "base/rank_status.h"

namespace lockstep {

class JointCall {
 public:
  // `name` is the name of the MPI function for error messages; the text must outlive this object.
  explicit JointCall(const char* name) : name_(name) { requests_.fill(MPI_REQUEST_NULL); }
  JointCall(const JointCall&) = delete;
  JointCall& operator=(const JointCall&) = delete;

  // Up to four nonblocking calls of MPI can be waited for together. Each one is given the next
  // request(), and its return code goes to Begin. Finish takes the code of one more call (or
  // MPI_SUCCESS if there is none) and waits for all of them. Both throw IoError with exit code 76
  // and MPI's own text if MPI reports an error.
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
