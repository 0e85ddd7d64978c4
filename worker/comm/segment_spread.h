// Brings the segments of one piece from their owners to all ranks, in two levels where ranks share
// hosts (host_routes.h): into each host once, and on from there inside it.
//
// Messages move while Arrived and Left are asked. Main thread only.
#pragma once

#include "worker/comm/host_routes.h"
#include "worker/comm/messages.h"
#include "worker/comm/piece_plan.h"

namespace lockstep {

class SegmentSpread {
 public:
  // Both outlive this.
  SegmentSpread(const HostRoutes& routes, const Piece& piece) : routes_(routes), piece_(piece) {}

  // Begins to replace the piece in the flat array; memory that nobody may read until it has
  // arrived, nor change until it has left. Each rank begins, then sends. `tag` is of this piece.
  void Begin(float* flat, int tag);
  // This rank's own segment is final.
  void Send();
  // Lets MPI work; true when the others' segments are here.
  bool Arrived();
  // Lets MPI work; true when this rank's segment, and those of which it is the deputy, have gone to
  // everybody whom it serves.
  bool Left();

 private:
  std::span<float> Segment(int owner) const;
  void PassOn();

  const HostRoutes& routes_;
  const Piece& piece_;
  float* flat_ = nullptr;
  int tag_ = 0;
  bool sent_ = true;
  bool passed_on_ = true;  // to the ranks of this host
  Messages between_;       // that arrive
  Messages inside_;        // that arrive
  Messages departures_;
};

}  // namespace lockstep
