#include <gtest/gtest.h>

#include <string>

#include "worker/comm/together.h"

namespace lockstep {
namespace {

TEST(TogetherMpi, IsSilentWhenAllGoesWell) {
  const Communicator comm = Communicator::World();
  int calls = 0;
  Together(comm, [&] { ++calls; });
  EXPECT_EQ(calls, 1);
}

TEST(TogetherMpi, OneFailureEndsTheWorkEverywhereWithOneMessage) {
  const Communicator comm = Communicator::World();
  const int failing = comm.size() - 1;
  try {
    Together(comm, [&] {
      if (comm.rank() == failing) throw BadData("rank {} found damage", comm.rank());
    });
    FAIL() << "no error on rank " << comm.rank();
  } catch (const AgreedError& error) {
    EXPECT_EQ(error.code(), ExitCode::kBadData);
    EXPECT_EQ(error.speaks(), comm.rank() == failing);
  }
}

TEST(TogetherMpi, TheLowestFailingRankSpeaks) {
  const Communicator comm = Communicator::World();
  try {
    Together(comm, [&] { throw UsageError("rank {}", comm.rank()); });
    FAIL() << "no error on rank " << comm.rank();
  } catch (const AgreedError& error) {
    EXPECT_EQ(std::string(error.what()), comm.rank() == 0 ? "rank 0" : "");
  }
}

}  // namespace
}  // namespace lockstep
