// The ranks of a job as an importer sees them, without MPI: who we are, and the little that they
// tell each other.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace lockstep {

struct RankGroup {
  int rank = 0;
  int size = 1;
  // Collective, all three. What each rank gives, by rank; rank 0's text; nothing but the meeting.
  std::function<std::vector<double>(double)> gather = [](double mine) {
    return std::vector<double>{mine};
  };
  std::function<void(std::string*)> broadcast = [](std::string*) {};
  std::function<void()> barrier = [] {};
};

}  // namespace lockstep
