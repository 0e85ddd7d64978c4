#include <gtest/gtest.h>

#include <map>

#include "worker/comm/byte_mail.h"

namespace lockstep {
namespace {

// Every other rank sends rank 0 letters of these sizes, one of them large enough to be waited for.
constexpr std::size_t kSizes[] = {0, 1, 70000, 3000000, 5};

TEST(ByteMailMpi, LettersOfARankArriveWholeAndInOrder) {
  const Communicator comm = Communicator::World();
  ByteMail mail(comm);
  if (comm.rank() > 0) {
    for (const std::size_t size : kSizes)
      mail.Send(0, std::string(size, static_cast<char>('a' + comm.rank())));
  }
  std::map<int, std::size_t> arrived;
  const std::size_t all = comm.rank() == 0 ? std::size(kSizes) * (comm.size() - 1) : 0;
  for (std::size_t count = 0; count < all;) {
    const auto letter = mail.Receive();
    if (!letter) continue;
    const std::size_t size = kSizes[arrived[letter->from]++];
    EXPECT_EQ(letter->bytes, std::string(size, static_cast<char>('a' + letter->from)));
    ++count;
  }
  while (!mail.AllSent()) {
  }
  comm.Barrier();
}

}  // namespace
}  // namespace lockstep
