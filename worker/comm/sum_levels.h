// Which subtree sums meet where on their way through the levels of host_routes.h: first those of
// the ranks of this host, then what is left of each host. The order of additions is that of the
// tree in any case; only contiguous ranks on a host leave less than they brought.
#pragma once

#include <vector>

#include "worker/comm/host_routes.h"
#include "worker/comm/subtree_sum.h"

namespace lockstep {

class SumLevels {
 public:
  SumLevels(Index slots, const HostRoutes& routes);

  // Of the subtrees that the ranks of this host bring.
  const SubtreeSum& inside() const { return inside_; }
  // Of the sums that are left of each host.
  const SubtreeSum& between() const { return between_; }
  // Parts of inside() that a rank of this host brings, as [begin, end).
  ElementRange PartsOfRank(int rank) const { return of_rank_[static_cast<std::size_t>(rank)]; }
  // Parts of between() that a host brings, in the order of its sums.
  const std::vector<std::size_t>& PartsOfHost(int host) const {
    return of_host_[static_cast<std::size_t>(host)];
  }

 private:
  std::vector<ElementRange> of_rank_;  // empty for those of other hosts
  std::vector<std::vector<std::size_t>> of_host_;
  SubtreeSum inside_, between_;
};

}  // namespace lockstep
