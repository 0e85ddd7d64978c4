#include "worker/comm/segment_spread.h"

#include <algorithm>

namespace lockstep {
namespace {

SpreadRound RoundOf(const LevelMessages& level, const Piece& piece) {
  SpreadRound round;
  for (const auto& [to, owner] : level.sends) round.sends.push_back({to, piece.OwnedBy(owner)});
  for (const auto& [from, owner] : level.receives) {
    round.receives.push_back({from, piece.OwnedBy(owner)});
  }
  return round;
}

// Each member that has a column of the group sends it to all others.
SpreadRound RoundOf(const RankGroups::Group& group, const PiecePlan& plan, const Piece& piece) {
  const auto column = [&](Index which) {
    return plan.groups().ColumnElements(piece.range, plan.grain(), group, which);
  };
  const auto rank = [&](int member) {
    return group.members[static_cast<std::size_t>(member)].rank;
  };
  const int members = static_cast<int>(group.members.size()), place = static_cast<int>(group.place);
  SpreadRound round;
  for (int d = 1; d < members; ++d) {
    const int to = PartnerToSendTo(place, members, d);
    const int from = PartnerToReceiveFrom(place, members, d);
    if (place < group.columns) round.sends.push_back({rank(to), column(place)});
    if (from < group.columns) round.receives.push_back({rank(from), column(from)});
  }
  return round;
}

std::vector<SpreadRound> RoundsOf(const HostRoutes& routes, const PiecePlan& plan,
                                  const Piece& piece) {
  if (!piece.in_groups) {
    return {RoundOf(routes.copies_between(), piece), RoundOf(routes.copies_inside(), piece)};
  }
  std::vector<SpreadRound> rounds;
  for (const RankGroups::Group& group : plan.groups().GroupsOf(routes.rank())) {
    rounds.push_back(RoundOf(group, plan, piece));
  }
  std::reverse(rounds.begin(), rounds.end());
  return rounds;
}

std::span<float> Part(float* flat, const ElementRange& range) {
  return {flat + range.begin, static_cast<std::size_t>(range.count())};
}

}  // namespace

SegmentSpread::SegmentSpread(const HostRoutes& routes, const PiecePlan& plan, const Piece& piece)
    : rounds_(RoundsOf(routes, plan, piece)),
      arrivals_(rounds_.size()),
      next_round_(rounds_.size()) {}

void SegmentSpread::Begin(float* flat, int tag) {
  flat_ = flat;
  tag_ = tag;
  sent_ = false;
  next_round_ = 0;
  for (std::size_t round = 0; round < rounds_.size(); ++round) {
    for (const auto& [from, elements] : rounds_[round].receives) {
      arrivals_[round].Receive(Part(flat_, elements), from, tag_);
    }
  }
}

void SegmentSpread::Send() {
  sent_ = true;
  SendRounds();
}

// Whether all that this rank receives before its next round is there.
bool SegmentSpread::EarlierArrived() {
  const auto next = arrivals_.begin() + static_cast<std::ptrdiff_t>(next_round_);
  return std::all_of(arrivals_.begin(), next, [](Messages& round) { return round.Done(); });
}

// Sends the messages of a round all at once when the last segment of earlier rounds has arrived, so
// that the sends have the same order as the receives in Begin of the other ranks. A round without
// sends waits for nothing, because Left must not wait for arrivals.
void SegmentSpread::SendRounds() {
  for (; sent_ && next_round_ < rounds_.size(); ++next_round_) {
    const SpreadRound& round = rounds_[next_round_];
    if (!round.sends.empty() && !EarlierArrived()) return;
    for (const auto& [to, elements] : round.sends) {
      departures_.Send(Part(flat_, elements), to, tag_);
    }
  }
}

bool SegmentSpread::Arrived() {
  bool arrived = true;
  for (Messages& round : arrivals_) arrived = round.Done() && arrived;
  return arrived;
}

bool SegmentSpread::Left() {
  SendRounds();
  return departures_.Done() && next_round_ == rounds_.size();
}

}  // namespace lockstep
