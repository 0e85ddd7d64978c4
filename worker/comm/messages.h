// A group of messages between this rank and others, which are started together and waited for
// together. OpenMPI moves large messages only inside calls of MPI, so Done must be called often
// while messages are under way.
//
// Messages with the same tag between the same two ranks arrive in the order in which they were
// started. Main thread only.
//
// Only a limited number of a group's messages is handed to MPI at once. The others wait until
// earlier ones are done, in the order in which they were added. This cannot deadlock if, within a
// group, every rank adds its sends in the order of partners rank + 1, rank + 2, ... and its
// receives in the order rank - 1, rank - 2, ... (PartnerToSendTo, PartnerToReceiveFrom). Proof: of
// all messages of all ranks that are not done, take the first with the smallest distance.
// Everything before it in the sender's and in the receiver's order is done, so both have handed it
// to MPI, and it can move.
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

  // Adds a message to the group. Its memory must stay untouched until Done returns true. An empty
  // message is neither sent nor received. One group may hold sends or receives, but not both.
  void Send(std::span<const float> values, int to, int tag);
  // Fewer values may come than there is room for; then *received, if given, says how many, once
  // Done returns true.
  void Receive(std::span<float> values, int from, int tag, Index* received = nullptr);

  // Lets MPI work. Returns true when all messages of the group are complete.
  bool Done();
  // True when MPI has been given all messages of the group, so that they move on even while this
  // rank blocks in another call of MPI.
  bool AllUnderWay() const;

 private:
  struct Requests;
  std::unique_ptr<Requests> requests_;
};

// The partner to send to at a distance of 1 to P - 1. In this order each rank sends to another one
// at the same time, so no rank is flooded with messages.
inline int PartnerToSendTo(int rank, int ranks, int distance) { return (rank + distance) % ranks; }
// The same order seen by the receiver.
inline int PartnerToReceiveFrom(int rank, int ranks, int distance) {
  return (rank + ranks - distance) % ranks;
}

}  // namespace lockstep
