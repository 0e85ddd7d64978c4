// Brings the segments of one piece from their owners to all ranks, in rounds. On the routes of
// host_routes.h there are two: each segment first enters every other host once, at the owner's
// deputy, which passes it on to the other ranks of its host. A small piece goes down through the
// levels of rank_groups.h, a round for each.
//
// Messages move while Arrived and Left are called. Main thread only.
#pragma once

#include <span>
#include <vector>

#include "worker/comm/host_routes.h"
#include "worker/comm/messages.h"
#include "worker/comm/piece_plan.h"

namespace lockstep {

// The messages of one round, in the order in which messages.h wants them. A rank sends its messages
// of a round when everything that it receives in earlier rounds has arrived.
struct SpreadRound {
  struct Message {
    int partner;
    ElementRange elements;  // of the flat array
  };
  std::vector<Message> sends;
  std::vector<Message> receives;
};

class SegmentSpread {
 public:
  // For the rank of `routes`; `piece` is one of `plan`.
  SegmentSpread(const HostRoutes& routes, const PiecePlan& plan, const Piece& piece);

  // Begins to replace the piece in the flat array `flat`. Nobody may read the segments of other
  // ranks in it until Arrived returns true, nor change the piece until Left returns true. Each rank
  // must call Begin, then Send. `tag` marks the messages of this piece.
  void Begin(float* flat, int tag);
  // Says that this rank's own segment is final, and sends it.
  void Send();
  // Lets MPI work. Returns true when the segments of all other ranks have arrived.
  bool Arrived();
  // Lets MPI work. Returns true when this rank has sent all that it has to: its own segment, and
  // the segments that it passes on.
  bool Left();

 private:
  bool EarlierArrived();
  void SendRounds();

  std::vector<SpreadRound> rounds_;
  std::vector<Messages> arrivals_;  // receives of each round
  Messages departures_;             // sends of all rounds
  float* flat_ = nullptr;
  int tag_ = 0;
  bool sent_ = true;
  std::size_t next_round_;  // the first one whose messages have not been sent
};

}  // namespace lockstep
