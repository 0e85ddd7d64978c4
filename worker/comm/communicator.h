// The ranks of a job and the few exchanges they need, over typed arrays. A value that is passed in,
// never a global. Without a launcher there is one rank and MPI is not touched at all.
//
// Functions marked Collective must be called by every rank, in the same order, from the main
// thread. What MPI reports becomes an IoError with exit code 76 and MPI's own words.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/types.h"

namespace lockstep {

// Elements [offset[r], offset[r + 1]) of a flat array belong to rank r.
struct Segments {
  std::vector<Index> offsets;  // [P + 1]
  Index begin(int rank) const { return offsets[static_cast<std::size_t>(rank)]; }
  Index count(int rank) const { return offsets[static_cast<std::size_t>(rank) + 1] - begin(rank); }
};
// Divides `count` elements into P contiguous segments with borders at multiples of `grain`.
Segments DivideIntoSegments(Index count, Index grain, int ranks);
// Where segment `which` of `of` begins in that division; which = of gives `count`.
Index SegmentBorder(Index count, Index grain, Index which, Index of);

// Scope of MPI: started when a launcher started us, else not.
class MpiSession {
 public:
  MpiSession();
  ~MpiSession();
  MpiSession(const MpiSession&) = delete;
  MpiSession& operator=(const MpiSession&) = delete;
  // Ends all ranks at once; for errors that the others cannot know of.
  [[noreturn]] static void Abort(int exit_code);
};

class Communicator {
 public:
  // All ranks of the running MpiSession, or one rank without MPI.
  static Communicator World();
  static Communicator Single() { return Communicator(0, 1); }

  int rank() const { return rank_; }
  int size() const { return size_; }

  // Collective. Returns when all ranks have come here.
  void Barrier() const;
  // Collective. Every rank gets rank 0's text.
  void Broadcast(std::string* text) const;
  // Collective. On rank 0 the texts of all ranks in their order; nothing elsewhere. All together
  // below 2 GiB.
  std::vector<std::string> GatherText(const std::string& mine) const;
  // Collective. Smallest and largest value over ranks, everywhere.
  Index Min(Index value) const;
  Index Max(Index value) const;
  // Collective. Rank r's `mine` arrives at segment r of `all`, on every rank.
  void AllGather(std::span<const double> mine, const Segments& segments, double* all) const;
  // Collective. From rank 0's `all` segment r arrives in rank r's `mine`; `all` is not used
  // elsewhere. The segments together are below 2^31 elements, wherever they lie.
  void ScatterFromRoot(const float* all, const Segments& segments, std::span<float> mine) const;
  // Collective. The other way: rank r's `mine` arrives in segment r of rank 0's `all`, which begins
  // at element 0.
  void GatherToRoot(std::span<const float> mine, const Segments& segments, float* all) const;
  // Collective. Every rank gets rank 0's values; the counts are equal.
  void BroadcastFloats(std::span<float> values) const;
  void BroadcastWords(std::span<std::uint64_t> words) const;
  // Collective. For each rank the lowest one on its host: ranks that can share memory.
  std::vector<int> HostOfRanks() const;
  // Collective. Ranks of the host that has most of them.
  Index MostRanksOnAHost() const;
  // Collective. No rank of this host is lower; true on one rank of each host.
  bool IsFirstOnHost() const;

 private:
  Communicator(int rank, int size) : rank_(rank), size_(size) {}
  int rank_;
  int size_;
};

}  // namespace lockstep
