#include "worker/comm/joint_call.h"

#include "base/error.h"
#include "worker/comm/mpi_check.h"

namespace lockstep {

MPI_Request* JointCall::request() {
  LOCKSTEP_CHECK(begun_ < static_cast<int>(requests_.size()));
  return &requests_[static_cast<std::size_t>(begun_)];
}

void JointCall::Begin(int code) {
  CheckMpi(code, name_);
  ++begun_;
}

void JointCall::Finish(int code) {
  CheckMpi(code, name_);
  const int count = static_cast<int>(requests_.size());
  for (int done = 0; done == 0; Status().Poll()) {
    CheckMpi(MPI_Testall(count, requests_.data(), &done, MPI_STATUSES_IGNORE), name_);
  }
}

}  // namespace lockstep
