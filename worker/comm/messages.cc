#include "worker/comm/messages.h"

#include <mpi.h>

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "base/error.h"
#include "worker/comm/mpi_check.h"

namespace lockstep {
namespace {

// The most messages of a group that MPI is given at once. Enough that the latency of one is hidden
// by the others; few enough that a thousand ranks do not all send to the same rank at once, and
// that MPI's lists, which it searches for every message, stay short. The simulation of a thousand
// ranks (bench/simulate) is compiled with a smaller number.
#ifndef LOCKSTEP_MOST_UNDER_WAY
#define LOCKSTEP_MOST_UNDER_WAY 16
#endif
constexpr std::size_t kMostUnderWay = LOCKSTEP_MOST_UNDER_WAY;

struct Message {
  float* values;
  int count;
  int partner;
  int tag;
  bool leaves;                // true: a send; false: a receive
  Index* received = nullptr;  // set to the number of values that have come, if given
};

MPI_Request Post(const Message& m) {
  MPI_Request request = MPI_REQUEST_NULL;
  if (m.leaves) {
    CheckMpi(MPI_Isend(m.values, m.count, MPI_FLOAT, m.partner, m.tag, MPI_COMM_WORLD, &request),
             "MPI_Isend");
  } else {
    CheckMpi(MPI_Irecv(m.values, m.count, MPI_FLOAT, m.partner, m.tag, MPI_COMM_WORLD, &request),
             "MPI_Irecv");
  }
  return request;
}

Index ValuesOf(const MPI_Status& status) {
  int count = 0;
  CheckMpi(MPI_Get_count(&status, MPI_FLOAT, &count), "MPI_Get_count");
  return count;
}

int Count(std::size_t count) {
  LOCKSTEP_CHECK(count <= static_cast<std::size_t>(std::numeric_limits<int>::max()));
  return static_cast<int>(count);
}

}  // namespace

struct Messages::Requests {
  // Memory is reserved at construction: the number of waiting messages depends on the timing of
  // other ranks, and no step may allocate.
  Requests() {
    under_way.reserve(kMostUnderWay);
    received.reserve(kMostUnderWay);
    given.reserve(8 * kMostUnderWay);
  }
  std::vector<MPI_Request> under_way;
  std::vector<Index*> received;  // of each of them
  // All messages added. Those before index `next` have been given to MPI. Cleared when none waits,
  // which keeps the memory.
  std::vector<Message> given;
  std::size_t next = 0;

  bool AnyWaits() const { return next < given.size(); }

  void Add(const Message& message) {
    given.push_back(message);
    PostWaiting();
  }
  void PostWaiting() {
    while (AnyWaits() && under_way.size() < kMostUnderWay) {
      received.push_back(given[next].received);
      under_way.push_back(Post(given[next++]));
    }
    if (AnyWaits()) return;
    given.clear();
    next = 0;
  }
  // Forgets the messages that are complete; returns true if there was at least one.
  bool DropDone() {
    std::array<int, kMostUnderWay> which;
    std::array<MPI_Status, kMostUnderWay> statuses;
    int done = 0;
    CheckMpi(MPI_Testsome(Count(under_way.size()), under_way.data(), &done, which.data(),
                          statuses.data()),
             "MPI_Testsome");
    for (std::size_t i = 0; i < static_cast<std::size_t>(std::max(done, 0)); ++i) {
      Index* const asked = received[static_cast<std::size_t>(which[i])];
      if (asked != nullptr) *asked = ValuesOf(statuses[i]);
    }
    DropNull();
    return done > 0;
  }
  void DropNull() {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < under_way.size(); ++i) {
      if (under_way[i] == MPI_REQUEST_NULL) continue;
      under_way[kept] = under_way[i];
      received[kept++] = received[i];
    }
    under_way.resize(kept);
    received.resize(kept);
  }
};

Messages::Messages() : requests_(std::make_unique<Requests>()) {}
Messages::~Messages() = default;
Messages::Messages(Messages&&) noexcept = default;
Messages& Messages::operator=(Messages&&) noexcept = default;

void Messages::Send(std::span<const float> values, int to, int tag) {
  if (values.empty()) return;
  requests_->Add({const_cast<float*>(values.data()), Count(values.size()), to, tag, true});
}

void Messages::Receive(std::span<float> values, int from, int tag, Index* received) {
  if (values.empty()) return;
  requests_->Add({values.data(), Count(values.size()), from, tag, false, received});
}

// Complete messages make room for waiting ones. A message given to MPI just now may be complete at
// once, because its partner was ahead, so the loop asks again.
bool Messages::Done() {
  while (!requests_->under_way.empty()) {
    if (!requests_->DropDone()) return false;
    requests_->PostWaiting();
  }
  return true;
}

bool Messages::AllUnderWay() const { return !requests_->AnyWaits(); }

}  // namespace lockstep
