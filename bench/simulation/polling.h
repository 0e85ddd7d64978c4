// How long a simulated rank takes to ask MPI whether messages are done (polling.cc).
#pragma once

namespace lockstep {

// While one of these lives, questions take no simulated time: for those between two parts of a
// computation, which takes time itself. A rank that only waits must not ask so, because its clock
// would stand still.
class FreePolls {
 public:
  FreePolls();
  ~FreePolls();
  FreePolls(const FreePolls&) = delete;
  FreePolls& operator=(const FreePolls&) = delete;
};

}  // namespace lockstep
