// The ranks of a job and the few exchanges they need, over typed arrays. A Communicator is a value
// that is passed to whoever needs it, never a global. When the program was not started by an MPI
// launcher there is one rank, and MPI is not called at all.
//
// Functions marked Collective must be called by every rank, in the same order, from the main
// thread. An error of MPI becomes an IoError with exit code 76 and MPI's own text.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/types.h"

namespace lockstep {

// A division of a flat array: elements [offsets[r], offsets[r + 1]) belong to rank r.
struct Segments {
  std::vector<Index> offsets;  // [P + 1]
  Index begin(int rank) const { return offsets[static_cast<std::size_t>(rank)]; }
  Index count(int rank) const { return offsets[static_cast<std::size_t>(rank) + 1] - begin(rank); }
};
// Divides `count` elements into P contiguous segments with borders at multiples of `grain`.
Segments DivideIntoSegments(Index count, Index grain, int ranks);
// The element at which segment `which` begins when `count` elements are divided like that into `of`
// segments. For which == of it is `count`.
Index SegmentBorder(Index count, Index grain, Index which, Index of);

// MPI is started by the constructor and ended by the destructor, but only if an MPI launcher
// started this process; else both do nothing.
class MpiSession {
 public:
  MpiSession();
  ~MpiSession();
  MpiSession(const MpiSession&) = delete;
  MpiSession& operator=(const MpiSession&) = delete;
  // Ends all ranks at once. For errors that the other ranks cannot know of.
  [[noreturn]] static void Abort(int exit_code);
};

class Communicator {
 public:
  // All ranks of the running MpiSession, or one rank without MPI.
  static Communicator World();
  static Communicator Single() { return Communicator(0, 1); }

  int rank() const { return rank_; }
  int size() const { return size_; }

  // Collective. Returns when all ranks have called it.
  void Barrier() const;
  // Collective. Every rank gets rank 0's text.
  void Broadcast(std::string* text) const;
  // Collective. Rank 0 gets the texts of all ranks, in order of ranks; other ranks get an empty
  // vector. All texts together must be smaller than 2 GiB.
  std::vector<std::string> GatherText(const std::string& mine) const;
  // Collective. Every rank gets the smallest or the largest of the ranks' values.
  Index Min(Index value) const;
  Index Max(Index value) const;
  // Collective. Every rank gets the sums over ranks of each of the counts; all ranks must pass the
  // same number of them, below 2^31. Integers only: MPI adds in an order that depends on ranks.
  void AddCounts(std::span<Index> counts) const;
  // Collective. Rank r's `mine` arrives at segment r of `all`, on every rank.
  void AllGather(std::span<const double> mine, const Segments& segments, double* all) const;
  // Collective. The elements parts[r] of rank 0's `all` arrive in `mine` of rank r; on other ranks
  // `all` is not used. The parts may lie in any order, but within 2^31 elements.
  void ScatterFromRoot(const float* all, std::span<const ElementRange> parts,
                       std::span<float> mine) const;
  // Collective. The reverse: `mine` of rank r arrives in the elements parts[r] of rank 0's `all`.
  void GatherToRoot(std::span<const float> mine, std::span<const ElementRange> parts,
                    float* all) const;
  // Collective. Every rank gets rank 0's values; all ranks must pass the same count.
  void BroadcastFloats(std::span<float> values) const;
  void BroadcastWords(std::span<std::uint64_t> words) const;
  // Collective. [P]: for each rank, the lowest rank on the same host (a host is a set of ranks that
  // can share memory). Equal numbers mean the same host.
  std::vector<int> HostOfRanks() const;
  // Collective. The number of ranks on the host that has the most ranks.
  Index MostRanksOnAHost() const;
  // Collective. True if this rank is the lowest one on its host; so true on one rank per host.
  bool IsFirstOnHost() const;

 private:
  Communicator(int rank, int size) : rank_(rank), size_(size) {}
  int rank_;
  int size_;
};

}  // namespace lockstep
