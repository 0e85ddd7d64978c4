// Runs the tests on every rank; the program fails when any rank's tests do. Rank 0 prints.
#include <gtest/gtest.h>

#include "worker/comm/communicator.h"

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  const lockstep::MpiSession session;
  if (lockstep::Communicator::World().rank() != 0) {
    testing::TestEventListeners& listeners = testing::UnitTest::GetInstance()->listeners();
    delete listeners.Release(listeners.default_result_printer());
  }
  const int failed = RUN_ALL_TESTS();
  return lockstep::Communicator::World().Max(failed) == 0 ? 0 : 1;
}
