#include "worker/comm/sum_levels.h"

#include <algorithm>

#include "base/error.h"

namespace lockstep {
namespace {

std::vector<TreeNode> NodesOf(Index slots, int rank, int ranks) {
  return CompleteSubtrees(slots, DealSlots(slots, rank, ranks));
}

SubtreeSum HostSum(Index slots, const HostRoutes& routes, int host) {
  std::vector<TreeNode> nodes;
  for (int rank : routes.ranks_of_hosts()[static_cast<std::size_t>(host)]) {
    for (TreeNode node : NodesOf(slots, rank, routes.ranks())) nodes.push_back(node);
  }
  return SubtreeSum(slots, nodes);
}

struct HostNode {
  TreeNode node;
  int host;
  Index first_slot() const { return node.index << node.level; }
};

// The subtrees that remain of every host after its own additions, in the order of slots.
std::vector<HostNode> NodesOfHosts(Index slots, const HostRoutes& routes) {
  std::vector<HostNode> nodes;
  for (int host = 0; host < static_cast<int>(routes.ranks_of_hosts().size()); ++host) {
    const SubtreeSum of_host = HostSum(slots, routes, host);
    for (const SubtreeSum::Sum& sum : of_host.sums()) nodes.push_back({sum.node, host});
  }
  std::sort(nodes.begin(), nodes.end(),
            [](const HostNode& a, const HostNode& b) { return a.first_slot() < b.first_slot(); });
  return nodes;
}

SubtreeSum SumOfHosts(Index slots, const HostRoutes& routes) {
  std::vector<TreeNode> nodes;
  for (const HostNode& node : NodesOfHosts(slots, routes)) nodes.push_back(node.node);
  return SubtreeSum(slots, nodes);
}

}  // namespace

SumLevels::SumLevels(Index slots, const HostRoutes& routes)
    : of_rank_(static_cast<std::size_t>(routes.ranks())),
      of_host_(routes.ranks_of_hosts().size()),
      inside_(HostSum(slots, routes, routes.host())),
      between_(SumOfHosts(slots, routes)) {
  LOCKSTEP_CHECK_EQ(between_.sums().size(), 1u);
  Index begin = 0;
  for (int rank : routes.ranks_of_hosts()[static_cast<std::size_t>(routes.host())]) {
    const Index end = begin + static_cast<Index>(NodesOf(slots, rank, routes.ranks()).size());
    of_rank_[static_cast<std::size_t>(rank)] = {begin, end};
    begin = end;
  }
  std::size_t part = 0;
  for (const HostNode& node : NodesOfHosts(slots, routes)) {
    of_host_[static_cast<std::size_t>(node.host)].push_back(part++);
  }
}

}  // namespace lockstep
