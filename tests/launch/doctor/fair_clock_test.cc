#include "launch/doctor/fair_clock.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace lockstep {
namespace {

TEST(FairClock, CountsSecondsWhereEachProcessHasACore) {
  FairClock clock(100);
  clock.Advance(103, 1);
  clock.Advance(104, 0.2);
  EXPECT_DOUBLE_EQ(clock.seconds(), 4);
}

TEST(FairClock, CountsLessWhereProcessesShareCores) {
  FairClock clock(0);
  clock.Advance(10, 5);
  EXPECT_DOUBLE_EQ(clock.seconds(), 2);
  clock.Advance(11, 1);  // the others have ended
  EXPECT_DOUBLE_EQ(clock.seconds(), 3);
}

TEST(FairClock, GoesOnHoweverCrowdedTheMachineIs) {
  FairClock clock(0);
  clock.Advance(60, 1e9);
  EXPECT_DOUBLE_EQ(clock.seconds(), 60 / FairClock::kMostCrowded);
}

TEST(ProcessesPerCore, SeesThreadsThatWantMoreCoresThanThereAre) {
  std::atomic<bool> over = false;
  std::vector<std::thread> busy;
  const auto cores = std::thread::hardware_concurrency();
  for (unsigned i = 0; i < 4 * cores; ++i) {
    busy.emplace_back([&] {
      while (!over) {
      }
    });
  }
  // Threads just made may not have begun yet; that all are seen once is enough.
  double most = 0;
  for (int i = 0; i < 1000 && most < 3; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    most = std::max(most, ProcessesPerCore());
  }
  over = true;
  for (std::thread& thread : busy) thread.join();
  EXPECT_GE(most, 3);
}

}  // namespace
}  // namespace lockstep
