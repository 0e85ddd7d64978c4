#include "worker/comm/communicator.h"

#include <mpi.h>

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "base/aligned_buffer.h"
#include "base/error.h"

namespace lockstep {
namespace {

void Check(int code, const char* what) {
  if (code == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING];
  int length = 0;
  MPI_Error_string(code, text, &length);
  throw IoError(fmt::format("{} failed: MPI says: {}; run the same command again to resume", what,
                            std::string(text, static_cast<std::size_t>(length))),
                ExitCode::kPeerLost);
}

int ToInt(Index value) {
  LOCKSTEP_CHECK(value >= 0 && value <= std::numeric_limits<int>::max());
  return static_cast<int>(value);
}

struct Layout {
  std::vector<int> counts;
  std::vector<int> offsets;
};
Layout LayoutOf(const Segments& segments, int ranks) {
  Layout layout;
  for (int r = 0; r < ranks; ++r) {
    layout.counts.push_back(ToInt(segments.count(r)));
    layout.offsets.push_back(ToInt(segments.begin(r)));
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

}  // namespace

Segments DivideIntoSegments(Index count, Index grain, int ranks) {
  const Index pieces = RoundUp(count, grain) / grain;
  Segments segments;
  for (int r = 0; r <= ranks; ++r) {
    segments.offsets.push_back(std::min(count, pieces * r / ranks * grain));
  }
  return segments;
}

MpiSession::MpiSession() {
  if (!StartedByLauncher()) return;
  int provided = 0;
  Check(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided), "MPI_Init_thread");
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
}

MpiSession::~MpiSession() {
  if (Running()) MPI_Finalize();
}

void MpiSession::Abort(int exit_code) {
  if (Running()) MPI_Abort(MPI_COMM_WORLD, exit_code);
  std::_Exit(exit_code);
}

Communicator Communicator::World() {
  if (!Running()) return Single();
  int rank = 0, size = 1;
  Check(MPI_Comm_rank(MPI_COMM_WORLD, &rank), "MPI_Comm_rank");
  Check(MPI_Comm_size(MPI_COMM_WORLD, &size), "MPI_Comm_size");
  return Communicator(rank, size);
}

void Communicator::Barrier() const {
  if (size_ > 1) Check(MPI_Barrier(MPI_COMM_WORLD), "MPI_Barrier");
}

void Communicator::Broadcast(std::string* text) const {
  if (size_ == 1) return;
  std::int64_t bytes = static_cast<std::int64_t>(text->size());
  Check(MPI_Bcast(&bytes, 1, MPI_INT64_T, 0, MPI_COMM_WORLD), "MPI_Bcast");
  text->resize(static_cast<std::size_t>(bytes));
  Check(MPI_Bcast(text->data(), ToInt(bytes), MPI_CHAR, 0, MPI_COMM_WORLD), "MPI_Bcast");
}

Index Communicator::Max(Index value) const {
  if (size_ == 1) return value;
  Index result = 0;
  Check(MPI_Allreduce(&value, &result, 1, MPI_INT64_T, MPI_MAX, MPI_COMM_WORLD), "MPI_Allreduce");
  return result;
}

Index Communicator::Min(Index value) const { return -Max(-value); }

void Communicator::AllGather(std::span<const double> mine, const Segments& segments,
                             double* all) const {
  if (size_ == 1) {
    std::copy(mine.begin(), mine.end(), all);
    return;
  }
  const Layout layout = LayoutOf(segments, size_);
  Check(MPI_Allgatherv(mine.data(), ToInt(static_cast<Index>(mine.size())), MPI_DOUBLE, all,
                       layout.counts.data(), layout.offsets.data(), MPI_DOUBLE, MPI_COMM_WORLD),
        "MPI_Allgatherv");
}

void Communicator::AllGatherInPlace(const Segments& segments, float* values) const {
  if (size_ == 1) return;
  const Layout layout = LayoutOf(segments, size_);
  Check(MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_FLOAT, values, layout.counts.data(),
                       layout.offsets.data(), MPI_FLOAT, MPI_COMM_WORLD),
        "MPI_Allgatherv");
}

void Communicator::GatherToRoot(std::span<const float> mine, const Segments& segments,
                                float* all) const {
  if (size_ == 1) {
    std::copy(mine.begin(), mine.end(), all);
    return;
  }
  const Layout layout = LayoutOf(segments, size_);
  Check(MPI_Gatherv(mine.data(), ToInt(static_cast<Index>(mine.size())), MPI_FLOAT, all,
                    layout.counts.data(), layout.offsets.data(), MPI_FLOAT, 0, MPI_COMM_WORLD),
        "MPI_Gatherv");
}

void Communicator::ScatterFromRoot(const float* all, const Segments& segments,
                                   std::span<float> mine) const {
  if (size_ == 1) {
    std::copy_n(all, mine.size(), mine.begin());
    return;
  }
  const Layout layout = LayoutOf(segments, size_);
  Check(MPI_Scatterv(all, layout.counts.data(), layout.offsets.data(), MPI_FLOAT, mine.data(),
                     ToInt(static_cast<Index>(mine.size())), MPI_FLOAT, 0, MPI_COMM_WORLD),
        "MPI_Scatterv");
}

void Communicator::Exchange(const float* send, bool sends, const Segments& segments, float* receive,
                            const std::vector<Index>& receive_offsets) const {
  Layout out = LayoutOf(segments, size_);
  if (!sends) std::fill(out.counts.begin(), out.counts.end(), 0);
  Layout in;
  for (int r = 0; r < size_; ++r) {
    const Index offset = receive_offsets[static_cast<std::size_t>(r)];
    in.counts.push_back(offset < 0 ? 0 : ToInt(segments.count(rank_)));
    in.offsets.push_back(offset < 0 ? 0 : ToInt(offset));
  }
  if (size_ == 1) {
    if (sends) std::copy_n(send, segments.count(0), receive + receive_offsets[0]);
    return;
  }
  MPI_Request request;
  Check(MPI_Ialltoallv(send, out.counts.data(), out.offsets.data(), MPI_FLOAT, receive,
                       in.counts.data(), in.offsets.data(), MPI_FLOAT, MPI_COMM_WORLD, &request),
        "MPI_Ialltoallv");
  Check(MPI_Wait(&request, MPI_STATUS_IGNORE), "MPI_Wait");
}

}  // namespace lockstep
