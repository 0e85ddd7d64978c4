#include "worker/comm/communicator.h"

#include <mpi.h>

#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <cstdlib>

#include "base/aligned_buffer.h"
#include "base/error.h"
#include "base/rank_status.h"
#include "worker/comm/crowding.h"
#include "worker/comm/eager_messages.h"
#include "worker/comm/joint_call.h"
#include "worker/comm/mpi_check.h"
#include "worker/comm/ring_gather.h"

namespace lockstep {
namespace {

struct Layout {
  boost::container::small_vector<int, 64> counts;
  boost::container::small_vector<int, 64> offsets;
};
Index LowestBegin(std::span<const ElementRange> parts) {
  const auto before = [](const ElementRange& a, const ElementRange& b) {
    return a.begin < b.begin;
  };
  return std::min_element(parts.begin(), parts.end(), before)->begin;
}

// Offsets are counted from element `begin`, because offsets into a large flat array may exceed the
// int that MPI takes.
Layout LayoutOf(std::span<const ElementRange> parts, Index begin) {
  Layout layout;
  for (const ElementRange& part : parts) {
    layout.counts.push_back(ToInt(part.count()));
    layout.offsets.push_back(ToInt(part.begin - begin));
  }
  return layout;
}

bool StartedByLauncher() {
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK", "PMI_SIZE"}) {
    if (std::getenv(name) != nullptr) return true;
  }
  return false;
}

bool Running() {
  int started = 0, ended = 0;
  MPI_Initialized(&started);
  MPI_Finalized(&ended);
  return started != 0 && ended == 0;
}

// Collective. A barrier before calls of MPI that block. When some rank hangs elsewhere, the others
// wait for it here, in a loop that polls, and the supervisor can tell that they only wait.
void Meet() {
  JointCall call("MPI_Ibarrier");
  call.Finish(MPI_Ibarrier(MPI_COMM_WORLD, call.request()));
}

struct HostPlace {
  int rank = 0;  // among the ranks of this host, in their order in the world
  int size = 1;
};
// Collective. Finds this rank's place among the ranks of its host.
HostPlace PlaceOnHost(int world_rank) {
  Meet();
  const ScopedWaiting waiting(Waiting::kInside);
  MPI_Comm host;
  CheckMpi(
      MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, world_rank, MPI_INFO_NULL, &host),
      "MPI_Comm_split_type");
  HostPlace place;
  CheckMpi(MPI_Comm_rank(host, &place.rank), "MPI_Comm_rank");
  CheckMpi(MPI_Comm_size(host, &place.size), "MPI_Comm_size");
  CheckMpi(MPI_Comm_free(&host), "MPI_Comm_free");
  return place;
}

}  // namespace

Index SegmentBorder(Index count, Index grain, Index which, Index of) {
  const Index pieces = RoundUp(count, grain) / grain;
  return std::min(count, pieces * which / of * grain);
}

Segments DivideIntoSegments(Index count, Index grain, int ranks) {
  Segments segments;
  for (int r = 0; r <= ranks; ++r) {
    segments.offsets.push_back(SegmentBorder(count, grain, r, ranks));
  }
  return segments;
}

MpiSession::MpiSession() {
  if (!StartedByLauncher()) return;
  YieldWhereCrowded();
  SendEagerlyBetweenHosts();
  const ScopedPhase phase(RankPhase::kConnect);
  const ScopedWaiting waiting(Waiting::kInside);
  int provided = 0;
  CheckMpi(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided), "MPI_Init_thread");
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
}

MpiSession::~MpiSession() {
  if (!Running()) return;
  Status().Enter(RankPhase::kEnd);
  const ScopedWaiting waiting(Waiting::kInside);
  MPI_Finalize();
}

void MpiSession::Abort(int exit_code) {
  if (Running()) MPI_Abort(MPI_COMM_WORLD, exit_code);
  std::_Exit(exit_code);
}

Communicator Communicator::World() {
  if (!Running()) return Single();
  int rank = 0, size = 1;
  CheckMpi(MPI_Comm_rank(MPI_COMM_WORLD, &rank), "MPI_Comm_rank");
  CheckMpi(MPI_Comm_size(MPI_COMM_WORLD, &size), "MPI_Comm_size");
  return Communicator(rank, size);
}

void Communicator::Barrier() const {
  if (size_ > 1) Meet();
}

void Communicator::Broadcast(std::string* text) const {
  if (size_ == 1) return;
  std::int64_t bytes = static_cast<std::int64_t>(text->size());
  JointCall size_call("MPI_Ibcast"), text_call("MPI_Ibcast");
  size_call.Finish(MPI_Ibcast(&bytes, 1, MPI_INT64_T, 0, MPI_COMM_WORLD, size_call.request()));
  text->resize(static_cast<std::size_t>(bytes));
  text_call.Finish(
      MPI_Ibcast(text->data(), ToInt(bytes), MPI_CHAR, 0, MPI_COMM_WORLD, text_call.request()));
}

std::vector<std::string> Communicator::GatherText(const std::string& mine) const {
  if (size_ == 1) return {mine};
  const std::vector<double> bytes{static_cast<double>(mine.size())};
  std::vector<double> all_bytes(static_cast<std::size_t>(size_));
  AllGather(bytes, DivideIntoSegments(size_, 1, size_), all_bytes.data());
  std::vector<ElementRange> parts;
  for (const double count : all_bytes) {
    const Index begin = parts.empty() ? 0 : parts.back().end;
    parts.push_back({begin, begin + static_cast<Index>(count)});
  }
  const Layout layout = LayoutOf(parts, 0);
  std::string joined(static_cast<std::size_t>(rank_ == 0 ? parts.back().end : 0), '\0');
  JointCall call("MPI_Igatherv");
  call.Finish(MPI_Igatherv(mine.data(), ToInt(static_cast<Index>(mine.size())), MPI_CHAR,
                           joined.data(), layout.counts.data(), layout.offsets.data(), MPI_CHAR, 0,
                           MPI_COMM_WORLD, call.request()));
  std::vector<std::string> texts;
  for (int r = 0; rank_ == 0 && r < size_; ++r) {
    const ElementRange& part = parts[static_cast<std::size_t>(r)];
    texts.push_back(joined.substr(static_cast<std::size_t>(part.begin),
                                  static_cast<std::size_t>(part.count())));
  }
  return texts;
}

Index Communicator::Max(Index value) const {
  if (size_ == 1) return value;
  JointCall call("MPI_Iallreduce");
  Index result = 0;
  call.Finish(
      MPI_Iallreduce(&value, &result, 1, MPI_INT64_T, MPI_MAX, MPI_COMM_WORLD, call.request()));
  return result;
}

Index Communicator::Min(Index value) const { return -Max(-value); }

void Communicator::AddCounts(std::span<Index> counts) const {
  if (size_ == 1 || counts.empty()) return;
  JointCall call("MPI_Iallreduce");
  call.Finish(MPI_Iallreduce(MPI_IN_PLACE, counts.data(), ToInt(std::ssize(counts)), MPI_INT64_T,
                             MPI_SUM, MPI_COMM_WORLD, call.request()));
}

void Communicator::AllGather(std::span<const double> mine, const Segments& segments,
                             double* all) const {
  std::copy(mine.begin(), mine.end(), all + segments.begin(rank_));
  GatherOverRing(segments, rank_, all);
}

void Communicator::ScatterFromRoot(const float* all, std::span<const ElementRange> parts,
                                   std::span<float> mine) const {
  const Index begin = LowestBegin(parts);
  if (size_ == 1) {
    std::copy_n(all + begin, mine.size(), mine.begin());
    return;
  }
  const Layout layout = LayoutOf(parts, begin);
  const float* const first = rank_ == 0 ? all + begin : nullptr;
  JointCall call("MPI_Iscatterv");
  call.Finish(MPI_Iscatterv(first, layout.counts.data(), layout.offsets.data(), MPI_FLOAT,
                            mine.data(), ToInt(static_cast<Index>(mine.size())), MPI_FLOAT, 0,
                            MPI_COMM_WORLD, call.request()));
}

void Communicator::GatherToRoot(std::span<const float> mine, std::span<const ElementRange> parts,
                                float* all) const {
  const Index begin = LowestBegin(parts);
  if (size_ == 1) {
    std::copy(mine.begin(), mine.end(), all + begin);
    return;
  }
  const Layout layout = LayoutOf(parts, begin);
  float* const first = rank_ == 0 ? all + begin : nullptr;
  JointCall call("MPI_Igatherv");
  call.Finish(MPI_Igatherv(mine.data(), ToInt(static_cast<Index>(mine.size())), MPI_FLOAT, first,
                           layout.counts.data(), layout.offsets.data(), MPI_FLOAT, 0,
                           MPI_COMM_WORLD, call.request()));
}

namespace {

// Broadcasts rank 0's values in several calls, each with a count that fits an int.
template <typename Value>
void BroadcastInParts(std::span<Value> values, MPI_Datatype type) {
  constexpr std::size_t kMostAtOnce = std::size_t{1} << 28;
  for (std::size_t at = 0; at < values.size(); at += kMostAtOnce) {
    const std::span<Value> part = values.subspan(at, std::min(kMostAtOnce, values.size() - at));
    JointCall call("MPI_Ibcast");
    call.Finish(MPI_Ibcast(part.data(), ToInt(static_cast<Index>(part.size())), type, 0,
                           MPI_COMM_WORLD, call.request()));
  }
}

}  // namespace

void Communicator::BroadcastFloats(std::span<float> values) const {
  if (size_ > 1) BroadcastInParts(values, MPI_FLOAT);
}

void Communicator::BroadcastWords(std::span<std::uint64_t> words) const {
  if (size_ > 1) BroadcastInParts(words, MPI_UINT64_T);
}

std::vector<int> Communicator::HostOfRanks() const {
  if (size_ == 1) return {0};
  Meet();
  const ScopedWaiting waiting(Waiting::kInside);
  MPI_Comm host;
  CheckMpi(MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, rank_, MPI_INFO_NULL, &host),
           "MPI_Comm_split_type");
  int lowest = 0;
  CheckMpi(MPI_Allreduce(&rank_, &lowest, 1, MPI_INT, MPI_MIN, host), "MPI_Allreduce");
  CheckMpi(MPI_Comm_free(&host), "MPI_Comm_free");
  std::vector<int> host_of(static_cast<std::size_t>(size_));
  CheckMpi(MPI_Allgather(&lowest, 1, MPI_INT, host_of.data(), 1, MPI_INT, MPI_COMM_WORLD),
           "MPI_Allgather");
  return host_of;
}

Index Communicator::MostRanksOnAHost() const {
  return size_ == 1 ? 1 : Max(PlaceOnHost(rank_).size);
}

bool Communicator::IsFirstOnHost() const { return size_ == 1 || PlaceOnHost(rank_).rank == 0; }

}  // namespace lockstep
