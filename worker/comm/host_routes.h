// The way of a piece's segments (piece_plan.h) where ranks share hosts: in two levels, so that a
// sum leaves a host once and a value enters it once.
//
// On each host one rank is the deputy of each owner elsewhere; an owner is its own on its host.
// Sums go inside the host to the deputy of their owner, which adds what is neighbours in the tree,
// and between hosts from the deputy to the owner. Copies go back: from the owner to its deputies,
// and inside hosts from those to everybody. Where each rank counts as a host of its own, the deputy
// of an owner is each rank itself, and this is one level: all between, nothing inside.
//
// Both ends give their messages in an order in which no rank waits for ever (messages.h): levels
// in the order of travel; in a level by distance, of ranks in their host or of hosts; at one
// distance the rank that has several partners and the rank that has one see that one first.
#pragma once

#include <vector>

namespace lockstep {

// A message with the segment of `owner`.
struct SegmentMessage {
  int partner;
  int owner;
};

// What a rank sends and receives on one level, for each subtree of a sum.
struct LevelMessages {
  std::vector<SegmentMessage> sends;
  std::vector<SegmentMessage> receives;
};

class HostRoutes {
 public:
  // Of `rank`; `host_of` [P] gives ranks of a host the same number, any.
  HostRoutes(int rank, const std::vector<int>& host_of);
  static HostRoutes OneLevel(int rank, int ranks);
  // Two levels where that saves anything between hosts, else one.
  static HostRoutes For(int rank, const std::vector<int>& host_of);

  int rank() const { return rank_; }
  int ranks() const { return static_cast<int>(place_of_.size()); }
  int host() const { return place_of_[static_cast<std::size_t>(rank_)].host; }
  int HostOf(int rank) const { return place_of_[static_cast<std::size_t>(rank)].host; }
  // By host, each in ascending order.
  const std::vector<std::vector<int>>& ranks_of_hosts() const { return ranks_of_hosts_; }
  // Owners whose deputy this rank is, itself among them.
  const std::vector<int>& held() const { return held_; }
  // Of such an owner, where it stands in held().
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
  // Owners on `host` whose deputy on its own host is `rank`.
  std::vector<int> HeldFrom(int host, int rank) const;
  std::vector<int> HeldBy(int rank) const;
  void RouteInside();
  void RouteBetween();

  int rank_;
  std::vector<Place> place_of_;  // of each rank
  std::vector<std::vector<int>> ranks_of_hosts_;
  std::vector<int> held_;
  std::vector<std::size_t> place_in_held_;  // [P]; only that of such owners is used
  LevelMessages sums_inside_, sums_between_, copies_between_, copies_inside_;
};

}  // namespace lockstep
