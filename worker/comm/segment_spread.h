// Brings the segments of one piece from their owners to all ranks, on the routes of host_routes.h:
// when ranks share hosts, each segment enters a host once, at the owner's deputy, and the deputy
// passes it on to the other ranks of its host.
//
// Messages move while Arrived and Left are called. Main thread only.
#pragma once

#include "worker/comm/host_routes.h"
#include "worker/comm/messages.h"
#include "worker/comm/piece_plan.h"

namespace lockstep {

class SegmentSpread {
 public:
  // `routes` and `piece` must outlive this.
  SegmentSpread(const HostRoutes& routes, const Piece& piece) : routes_(routes), piece_(piece) {}

  // Begins to replace the piece in the flat array `flat`. Nobody may read the segments of other
  // ranks in it until Arrived returns true, nor change the piece until Left returns true. Each rank
  // must call Begin, then Send. `tag` marks the messages of this piece.
  void Begin(float* flat, int tag);
  // Says that this rank's own segment is final, and sends it.
  void Send();
  // Lets MPI work. Returns true when the segments of all other ranks have arrived.
  bool Arrived();
  // Lets MPI work. Returns true when this rank has sent all that it has to: its own segment, and
  // the segments that it passes on as a deputy.
  bool Left();

 private:
  std::span<float> Segment(int owner) const;
  void PassOn();

  const HostRoutes& routes_;
  const Piece& piece_;
  float* flat_ = nullptr;
  int tag_ = 0;
  bool sent_ = true;
  bool passed_on_ = true;  // segments have been sent to the ranks of this host
  Messages between_;       // receives from other hosts
  Messages inside_;        // receives from this host
  Messages departures_;    // sends to both
};

}  // namespace lockstep
