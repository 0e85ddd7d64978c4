// Letters of bytes between rank 0 and the other ranks, sent whenever one is ready and taken when
// one has arrived, without a plan that all ranks know. For work that rank 0 deals out and collects.
//
// Letters between two ranks arrive in the order in which they were sent. Main thread only. While
// letters may be under way, no rank may be in a call marked Collective that sends point to point
// (Communicator::AllGather): put a Barrier after the last letter has been received.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "worker/comm/communicator.h"

namespace lockstep {

struct Letter {
  int from = 0;
  std::string bytes;
};

class ByteMail {
 public:
  // `comm` must outlive it.
  explicit ByteMail(const Communicator& comm);
  // Every letter must have been sent (AllSent).
  ~ByteMail();
  ByteMail(const ByteMail&) = delete;
  ByteMail& operator=(const ByteMail&) = delete;

  // Begins to send a letter of any length to another rank, and returns at once.
  void Send(int to, std::string bytes);
  // A letter that has arrived; nothing if there is none. Receiving a large one may take as long as
  // its bytes take to travel.
  std::optional<Letter> Receive();
  // Lets MPI work. True when the receivers, or MPI, have all letters.
  bool AllSent();

 private:
  struct Sending;
  void SendPart(int to, std::string bytes, char what_follows);
  const Communicator& comm_;
  std::list<std::unique_ptr<Sending>> sending_;
  std::map<int, std::string> arriving_;  // by sender: the parts that have come of a long letter
};

}  // namespace lockstep
