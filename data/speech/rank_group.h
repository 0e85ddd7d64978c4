// The ranks of a job, as an importer sees them without knowing MPI: this rank's number, and the few
// exchanges that an importer needs. The default is a group of one rank.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace lockstep {

struct RankGroup {
  int rank = 0;
  int size = 1;
  // These three are collective. gather returns the value of each rank, by rank; broadcast replaces
  // the text by that of rank 0; barrier returns when all ranks have called it.
  std::function<std::vector<double>(double)> gather = [](double mine) {
    return std::vector<double>{mine};
  };
  std::function<void(std::string*)> broadcast = [](std::string*) {};
  std::function<void()> barrier = [] {};
};

}  // namespace lockstep
