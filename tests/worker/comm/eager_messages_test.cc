#include "worker/comm/eager_messages.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "worker/comm/piece_plan.h"

namespace lockstep {
namespace {

constexpr const char* kSize = "OMPI_COMM_WORLD_SIZE";
constexpr const char* kLocalSize = "OMPI_COMM_WORLD_LOCAL_SIZE";
constexpr const char* kSizeOfStep = "SLURM_STEP_NUM_TASKS";
constexpr const char* kTasksPerNode = "SLURM_STEP_TASKS_PER_NODE";
constexpr const char* kSetting = "OMPI_MCA_btl_tcp_eager_limit";

class EagerMessages : public ::testing::Test {
 protected:
  EagerMessages() { Forget(); }
  ~EagerMessages() override { Forget(); }
  static void Forget() {
    for (const char* name : {kSize, kLocalSize, kSizeOfStep, kTasksPerNode, kSetting}) {
      ::unsetenv(name);
    }
  }
  static std::string Setting() {
    const char* text = std::getenv(kSetting);
    return text == nullptr ? "" : text;
  }
  static void Set(const char* ranks, const char* ranks_here) {
    ::setenv(kSize, ranks, 1);
    ::setenv(kLocalSize, ranks_here, 1);
  }
};

TEST_F(EagerMessages, WithoutALauncherNothingIsSet) {
  SendEagerlyBetweenHosts();
  EXPECT_EQ(Setting(), "");
}

TEST_F(EagerMessages, OneHostNeedsNoOtherLimit) {
  Set("4", "4");
  SendEagerlyBetweenHosts();
  EXPECT_EQ(Setting(), "");
}

TEST_F(EagerMessages, TheLongestMessageBetweenHostsIsSentAtOnce) {
  Set("4", "2");
  SendEagerlyBetweenHosts();
  EXPECT_GT(std::stoll(Setting()),
            PieceOptions().most_per_rank * static_cast<Index>(sizeof(float)));
}

TEST_F(EagerMessages, RanksOfAJobAreReadFromSrun) {
  ::setenv(kSizeOfStep, "40", 1);
  ::setenv(kTasksPerNode, "16(x2),8", 1);
  EXPECT_EQ(RanksByLauncher(), 40);
  SendEagerlyBetweenHosts();
  EXPECT_NE(Setting(), "");
}

TEST_F(EagerMessages, WhatTheUserSaysStands) {
  Set("4", "2");
  ::setenv(kSetting, "65536", 1);
  SendEagerlyBetweenHosts();
  EXPECT_EQ(Setting(), "65536");
}

}  // namespace
}  // namespace lockstep
