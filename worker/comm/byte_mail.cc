// MPI counts bytes in an int, so a long letter travels in parts. The last byte of each message says
// whether another part follows.
#include "worker/comm/byte_mail.h"

#include <mpi.h>

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "worker/comm/mpi_check.h"

namespace lockstep {
namespace {

// Below that of AllGather (communicator.cc); MPI guarantees tags up to 32767.
constexpr int kLetterTag = 32766;
constexpr std::size_t kMostBytesOfPart = std::size_t{1} << 30;
constexpr char kLast = 0, kMoreFollows = 1;

}  // namespace

struct ByteMail::Sending {
  std::string bytes;
  MPI_Request request = MPI_REQUEST_NULL;
};

ByteMail::ByteMail(const Communicator& comm) : comm_(comm) {}
ByteMail::~ByteMail() = default;

void ByteMail::Send(int to, std::string bytes) {
  LOCKSTEP_CHECK(to != comm_.rank() && to >= 0 && to < comm_.size());
  if (bytes.size() <= kMostBytesOfPart) return SendPart(to, std::move(bytes), kLast);
  for (std::size_t at = 0; at < bytes.size(); at += kMostBytesOfPart) {
    const bool is_last = bytes.size() - at <= kMostBytesOfPart;
    SendPart(to, bytes.substr(at, kMostBytesOfPart), is_last ? kLast : kMoreFollows);
  }
}

void ByteMail::SendPart(int to, std::string bytes, char what_follows) {
  Sending& part = *sending_.emplace_back(std::make_unique<Sending>());
  part.bytes = std::move(bytes);
  part.bytes.push_back(what_follows);
  CheckMpi(MPI_Isend(part.bytes.data(), static_cast<int>(part.bytes.size()), MPI_CHAR, to,
                     kLetterTag, MPI_COMM_WORLD, &part.request),
           "MPI_Isend");
}

std::optional<Letter> ByteMail::Receive() {
  if (comm_.size() == 1) return std::nullopt;
  int found = 0, count = 0;
  MPI_Status status;
  CheckMpi(MPI_Iprobe(MPI_ANY_SOURCE, kLetterTag, MPI_COMM_WORLD, &found, &status), "MPI_Iprobe");
  if (found == 0) return std::nullopt;
  CheckMpi(MPI_Get_count(&status, MPI_CHAR, &count), "MPI_Get_count");
  std::string part(static_cast<std::size_t>(count), '\0');
  CheckMpi(MPI_Recv(part.data(), count, MPI_CHAR, status.MPI_SOURCE, kLetterTag, MPI_COMM_WORLD,
                    MPI_STATUS_IGNORE),
           "MPI_Recv");
  LOCKSTEP_CHECK(count > 0);
  const bool is_last = part.back() == kLast;
  part.pop_back();
  std::string& arrived = arriving_[status.MPI_SOURCE];
  arrived = arrived.empty() ? std::move(part) : arrived + part;
  if (!is_last) return std::nullopt;
  return Letter{status.MPI_SOURCE, std::exchange(arrived, std::string())};
}

bool ByteMail::AllSent() {
  std::erase_if(sending_, [](const std::unique_ptr<Sending>& part) {
    int done = 0;
    CheckMpi(MPI_Test(&part->request, &done, MPI_STATUS_IGNORE), "MPI_Test");
    return done != 0;
  });
  return sending_.empty();
}

}  // namespace lockstep
