// Messages between pairs of ranks that are under way: a group that is started together and waited
// for together. OpenMPI moves large messages only inside calls, so somebody has to ask often.
//
// Messages with the same tag between the same two ranks arrive in the order in which they were
// started. Main thread only.
#pragma once

#include <memory>
#include <span>

#include "base/types.h"

namespace lockstep {

class Messages {
 public:
  Messages();
  ~Messages();
  Messages(Messages&&) noexcept;
  Messages& operator=(Messages&&) noexcept;

  // The memory belongs to the message until Done is true. An empty one is not sent.
  void Send(std::span<const float> values, int to, int tag);
  void Receive(std::span<float> values, int from, int tag);

  // Lets MPI work; true when nothing of this group is under way.
  bool Done();

 private:
  struct Requests;
  std::unique_ptr<Requests> requests_;
};

}  // namespace lockstep
