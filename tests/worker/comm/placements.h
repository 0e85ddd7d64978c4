// Ways to place the ranks of a job on hosts, for tests that run on one: [P] numbers of hosts.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace lockstep {

struct Placement {
  std::string name;
  std::vector<int> host_of;
};

inline std::vector<Placement> Placements(int ranks) {
  std::vector<Placement> placements = {
      {"one level", {}},   {"one host", {}},    {"two a host", {}}, {"four a host", {}},
      {"cyclic on 2", {}}, {"cyclic on 3", {}}, {"unequal", {}},    {"scattered", {}}};
  for (int r = 0; r < ranks; ++r) {
    const int scattered[] = {7, 1, 1, 7, 4, 1, 7, 7};
    const int hosts[] = {
        r, 0, r / 2, r / 4, r % 2, r % 3, r == 0 ? 0 : 1 + r / 5, scattered[r % 8]};
    for (std::size_t i = 0; i < placements.size(); ++i) placements[i].host_of.push_back(hosts[i]);
  }
  return placements;
}

}  // namespace lockstep
