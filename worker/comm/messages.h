// Messages between pairs of ranks that are under way: a group that is started together and waited
// for together. OpenMPI moves large messages only inside calls, so somebody has to ask often.
//
// Messages with the same tag between the same two ranks arrive in the order in which they were
// started. Main thread only.
//
// Of a group only so many are handed to MPI at once; the others wait for those before them, in the
// order in which they were given. No rank ever waits for ever if, within a group, all ranks send to
// the partners in the order (rank + 1, rank + 2, ...) and receive in (rank - 1, rank - 2, ...), see
// PartnerToSendTo: of all messages that are not done, one with the smallest distance is the first
// of its sender and the first of its receiver, so both have handed it to MPI.
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

  // The memory belongs to the message until Done is true. An empty one is not sent. Sends and
  // receives are groups of their own: do not mix them in one.
  void Send(std::span<const float> values, int to, int tag);
  void Receive(std::span<float> values, int from, int tag);

  // Lets MPI work; true when nothing of this group is under way or waits.
  bool Done();
  // MPI has all of the group, so that they go on while this rank blocks in a call of MPI.
  bool AllUnderWay() const;

 private:
  struct Requests;
  std::unique_ptr<Requests> requests_;
};

// The ranks at distances 1 to P - 1, an order in which no rank is everybody's first.
inline int PartnerToSendTo(int rank, int ranks, int distance) { return (rank + distance) % ranks; }
// The same order seen by the receiver.
inline int PartnerToReceiveFrom(int rank, int ranks, int distance) {
  return (rank + ranks - distance) % ranks;
}

}  // namespace lockstep
