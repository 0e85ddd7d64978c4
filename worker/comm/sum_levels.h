// Decides which subtree sums are added on which of the two levels of host_routes.h: first inside
// each host those of its ranks, then at the owner the sums that remain of all hosts. The order of
// additions is that of the reduction tree in any case. Only ranks that are neighbours in slots can
// be added on their host, so the fewest sums leave a host when its ranks are contiguous.
#pragma once

#include <vector>

#include "worker/comm/host_routes.h"
#include "worker/comm/subtree_sum.h"

namespace lockstep {

class SumLevels {
 public:
  SumLevels(Index slots, const HostRoutes& routes);

  // The additions inside this host; its parts are the subtrees of the host's ranks.
  const SubtreeSum& inside() const { return inside_; }
  // The additions between hosts; its parts are the sums that remain of every host. Leaves one sum.
  const SubtreeSum& between() const { return between_; }
  // The parts [begin, end) of inside() that a rank of this host brings.
  ElementRange PartsOfRank(int rank) const { return of_rank_[static_cast<std::size_t>(rank)]; }
  // The parts of between() that a host brings, in the order of the sums of its own inside().
  const std::vector<std::size_t>& PartsOfHost(int host) const {
    return of_host_[static_cast<std::size_t>(host)];
  }

 private:
  std::vector<ElementRange> of_rank_;  // [P]; empty for ranks of other hosts
  std::vector<std::vector<std::size_t>> of_host_;
  SubtreeSum inside_, between_;
};

}  // namespace lockstep
