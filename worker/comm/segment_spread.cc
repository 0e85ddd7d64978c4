#include "worker/comm/segment_spread.h"

namespace lockstep {

std::span<float> SegmentSpread::Segment(int owner) const {
  const ElementRange range = piece_.OwnedBy(owner);
  return {flat_ + range.begin, static_cast<std::size_t>(range.count())};
}

void SegmentSpread::Begin(float* flat, int tag) {
  flat_ = flat;
  tag_ = tag;
  sent_ = false;
  // If there is nobody to pass segments on to, Left must not wait for arrivals.
  passed_on_ = routes_.copies_inside().sends.empty();
  for (const auto& [from, owner] : routes_.copies_between().receives) {
    between_.Receive(Segment(owner), from, tag_);
  }
  for (const auto& [from, owner] : routes_.copies_inside().receives) {
    inside_.Receive(Segment(owner), from, tag_);
  }
}

void SegmentSpread::Send() {
  sent_ = true;
  for (const auto& [to, owner] : routes_.copies_between().sends) {
    departures_.Send(Segment(owner), to, tag_);
  }
  if (!passed_on_ && between_.Done()) PassOn();
}

// Sends the segments to the ranks of this host, all at once when the last has arrived, so that the
// sends have the same order as the receives in Begin of the other ranks.
void SegmentSpread::PassOn() {
  passed_on_ = true;
  for (const auto& [to, owner] : routes_.copies_inside().sends) {
    departures_.Send(Segment(owner), to, tag_);
  }
}

bool SegmentSpread::Arrived() {
  const bool between = between_.Done();
  return inside_.Done() && between;
}

bool SegmentSpread::Left() {
  if (sent_ && !passed_on_ && between_.Done()) PassOn();
  return departures_.Done() && passed_on_;
}

}  // namespace lockstep
