#include "worker/comm/crowding.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace lockstep {
namespace {

constexpr const char* kLocalSize = "OMPI_COMM_WORLD_LOCAL_SIZE";
constexpr const char* kOfStep = "SLURM_STEP_TASKS_PER_NODE";
constexpr const char* kSetting = "OMPI_MCA_mpi_yield_when_idle";
constexpr const char* kMoreThanCores = "100000";

class Crowding : public ::testing::Test {
 protected:
  Crowding() { Forget(); }
  ~Crowding() override { Forget(); }
  static void Forget() {
    for (const char* name : {kLocalSize, kOfStep, kSetting}) ::unsetenv(name);
  }
  static std::string Setting() {
    const char* text = std::getenv(kSetting);
    return text == nullptr ? "" : text;
  }
};

TEST_F(Crowding, WithoutALauncherNothingIsKnownNorSet) {
  EXPECT_EQ(RanksHereByLauncher(), 0);
  YieldWhereCrowded();
  EXPECT_EQ(Setting(), "");
}

TEST_F(Crowding, RanksOfANodeAreReadFromSrun) {
  ::setenv(kOfStep, "16(x3),8", 1);
  EXPECT_EQ(RanksHereByLauncher(), 16);
}

TEST_F(Crowding, MoreRanksThanCoresYield) {
  ::setenv(kLocalSize, kMoreThanCores, 1);
  YieldWhereCrowded();
  EXPECT_EQ(Setting(), "1");
}

TEST_F(Crowding, RanksWithACoreEachDoNot) {
  ::setenv(kLocalSize, "1", 1);
  YieldWhereCrowded();
  EXPECT_EQ(Setting(), "");
}

TEST_F(Crowding, WhatTheUserSaysStands) {
  ::setenv(kLocalSize, kMoreThanCores, 1);
  ::setenv(kSetting, "0", 1);
  YieldWhereCrowded();
  EXPECT_EQ(Setting(), "0");
}

}  // namespace
}  // namespace lockstep
