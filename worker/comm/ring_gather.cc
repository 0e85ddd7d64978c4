#include "worker/comm/ring_gather.h"

#include <mpi.h>

#include <algorithm>
#include <array>

#include "worker/comm/joint_call.h"
#include "worker/comm/mpi_check.h"

namespace lockstep {
namespace {

// A tag above all tags of pieces, which count up from 0. MPI guarantees tags up to 32767.
constexpr int kAllGatherTag = 32767;

// `count` consecutive ranks of the ring (rank 0 comes after the last rank), beginning at `first`.
struct RankRange {
  int first;
  int count;
};

int RanksOf(const Segments& segments) { return ToInt(std::ssize(segments.offsets)) - 1; }

// Begins to send or receive the segments of these ranks: one contiguous stretch of `all`, or two
// where the range of ranks passes the end of the ring.
void Exchange(JointCall& call, const Segments& segments, double* all, RankRange ranks, int partner,
              bool sends) {
  const int size = RanksOf(segments);
  const int end = ranks.first + ranks.count;
  const std::array<RankRange, 2> stretches = {
      RankRange{ranks.first, std::min(end, size) - ranks.first}, {0, std::max(0, end - size)}};
  for (const auto& [first, count] : stretches) {
    if (count == 0) continue;
    double* const begin = all + segments.begin(first);
    const int values = ToInt(segments.begin(first + count) - segments.begin(first));
    call.Begin(sends ? MPI_Isend(begin, values, MPI_DOUBLE, partner, kAllGatherTag, MPI_COMM_WORLD,
                                 call.request())
                     : MPI_Irecv(begin, values, MPI_DOUBLE, partner, kAllGatherTag, MPI_COMM_WORLD,
                                 call.request()));
  }
}

// One round of an allgather by doubling. Before it, each rank holds the segments of `known`
// consecutive ranks of the ring, beginning with its own; after it, of twice as many, or all.
void ExtendKnown(int known, const Segments& segments, int rank, double* all) {
  const int size = RanksOf(segments);
  const int count = std::min(known, size - known);
  const int from = (rank + known) % size;
  JointCall call("MPI_Isend and MPI_Irecv");
  Exchange(call, segments, all, {rank, count}, (rank - known + size) % size, true);
  Exchange(call, segments, all, {from, count}, from, false);
  call.Finish(MPI_SUCCESS);
}

}  // namespace

void GatherOverRing(const Segments& segments, int rank, double* all) {
  const int size = RanksOf(segments);
  for (int known = 1; known < size; known *= 2) ExtendKnown(known, segments, rank, all);
}

}  // namespace lockstep
