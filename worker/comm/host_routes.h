// The routes on which the segments of a piece (piece_plan.h) travel between ranks. When several
// ranks share a host, they travel in two levels, inside hosts and between hosts, so that each sum
// leaves a host only once and each updated value enters a host only once.
//
// The owner of a segment is the rank that finishes its sum and updates it. On every host, one rank
// is the owner's deputy; on the owner's own host that is the owner itself. A segment travels
//   sums_inside      inside each host, from every rank to the deputy of the owner, which adds the
//                    subtrees that are neighbours in the reduction tree;
//   sums_between     from the deputy on each host to the owner, which finishes the sum;
//   copies_between   back, as final sums or updated values, from the owner to its deputies;
//   copies_inside    from each deputy to the other ranks of its host.
// With one level, each rank counts as a host: it is its own deputy for every owner, all messages
// travel between, and none inside.
//
// Example: hosts {0, 1} and {2, 3}. Rank 0 is the deputy of owners 0 and 2, rank 1 that of owners 1
// and 3. For the segment of owner 2, rank 1 sends its gradient to rank 0, which adds its own and
// sends one sum to rank 2. With one level, ranks 0 and 1 would each send to rank 2.
//
// The lists give messages in an order in which no rank waits for ever (messages.h): the levels in
// the order above; within a level by distance, between ranks of a host or between hosts. At one
// distance, a rank may have several partners, but each of these has it as its only one.
#pragma once

#include <vector>

namespace lockstep {

// A message with the segment of `owner`.
struct SegmentMessage {
  int partner;
  int owner;
};

// The messages that a rank sends and receives on one level. Sums need each message once per subtree
// that the sender holds, copies need it once.
struct LevelMessages {
  std::vector<SegmentMessage> sends;
  std::vector<SegmentMessage> receives;
};

class HostRoutes {
 public:
  // The routes of `rank`, with two levels. host_of[r] identifies the host of rank r: two ranks are
  // on the same host if they have the same number.
  HostRoutes(int rank, const std::vector<int>& host_of);
  // The routes of `rank` with one level, as if each rank had a host for itself.
  static HostRoutes OneLevel(int rank, int ranks);
  // Two levels if that saves messages between hosts (several hosts, and several ranks on one of
  // them), else one level.
  static HostRoutes For(int rank, const std::vector<int>& host_of);

  int rank() const { return rank_; }
  int ranks() const { return static_cast<int>(place_of_.size()); }
  int host() const { return place_of_[static_cast<std::size_t>(rank_)].host; }
  int HostOf(int rank) const { return place_of_[static_cast<std::size_t>(rank)].host; }
  // The ranks of each host, in ascending order.
  const std::vector<std::vector<int>>& ranks_of_hosts() const { return ranks_of_hosts_; }
  // The owners whose deputy on this host is this rank; this rank itself is one of them.
  const std::vector<int>& held() const { return held_; }
  // Index of `owner` in held(); valid only for owners whose deputy this rank is.
  std::size_t PlaceInHeld(int owner) const {
    return place_in_held_[static_cast<std::size_t>(owner)];
  }

  const LevelMessages& sums_inside() const { return sums_inside_; }
  const LevelMessages& sums_between() const { return sums_between_; }
  const LevelMessages& copies_between() const { return copies_between_; }
  const LevelMessages& copies_inside() const { return copies_inside_; }

 private:
  struct Place {
    int host;
    int index;  // among the ranks of the host
  };
  const std::vector<int>& RanksOf(int host) const {
    return ranks_of_hosts_[static_cast<std::size_t>(host)];
  }
  int Deputy(int owner, int host) const;
  // The owners on `host` whose deputy on the host of `rank` is `rank`.
  std::vector<int> HeldFrom(int host, int rank) const;
  // The owners on all hosts whose deputy on the host of `rank` is `rank`.
  std::vector<int> HeldBy(int rank) const;
  void RouteInside();
  void RouteBetween();

  int rank_;
  std::vector<Place> place_of_;  // [P]: where each rank runs
  std::vector<std::vector<int>> ranks_of_hosts_;
  std::vector<int> held_;
  std::vector<std::size_t> place_in_held_;  // [P]; meaningful only for the owners in held_
  LevelMessages sums_inside_, sums_between_, copies_between_, copies_inside_;
};

}  // namespace lockstep
