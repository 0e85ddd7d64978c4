#include "worker/comm/messages.h"

#include <mpi.h>

#include <limits>
#include <vector>

#include "base/error.h"
#include "worker/comm/mpi_check.h"

namespace lockstep {

struct Messages::Requests {
  std::vector<MPI_Request> under_way;

  MPI_Request* Add() {
    under_way.push_back(MPI_REQUEST_NULL);
    return &under_way.back();
  }
};

namespace {

int Count(std::size_t count) {
  LOCKSTEP_CHECK(count <= static_cast<std::size_t>(std::numeric_limits<int>::max()));
  return static_cast<int>(count);
}

}  // namespace

Messages::Messages() : requests_(std::make_unique<Requests>()) {}
Messages::~Messages() = default;
Messages::Messages(Messages&&) noexcept = default;
Messages& Messages::operator=(Messages&&) noexcept = default;

void Messages::Send(std::span<const float> values, int to, int tag) {
  if (values.empty()) return;
  CheckMpi(MPI_Isend(values.data(), Count(values.size()), MPI_FLOAT, to, tag, MPI_COMM_WORLD,
                     requests_->Add()),
           "MPI_Isend");
}

void Messages::Receive(std::span<float> values, int from, int tag) {
  if (values.empty()) return;
  CheckMpi(MPI_Irecv(values.data(), Count(values.size()), MPI_FLOAT, from, tag, MPI_COMM_WORLD,
                     requests_->Add()),
           "MPI_Irecv");
}

bool Messages::Done() {
  std::vector<MPI_Request>& requests = requests_->under_way;
  if (requests.empty()) return true;
  int done = 0;
  CheckMpi(MPI_Testall(Count(requests.size()), requests.data(), &done, MPI_STATUSES_IGNORE),
           "MPI_Testall");
  if (done != 0) requests.clear();
  return done != 0;
}

}  // namespace lockstep
