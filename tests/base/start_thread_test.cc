#include "base/start_thread.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "base/error.h"
#include "base/thread_team.h"

namespace lockstep {
namespace {

// What `work` ends with in a process that may start only a few more threads: memory for their
// stacks is limited, since the limit of processes does not hold for root.
int CodeWithFewThreads(void (*work)()) {
  const pid_t child = ::fork();
  if (child == 0) {
    const rlim_t bytes = rlim_t{512} << 20;
    const struct rlimit limit { bytes, bytes };
    ::setrlimit(RLIMIT_AS, &limit);
    try {
      work();
    } catch (const IoError& error) {
      const bool names = std::string(error.what()).find("fewer --threads") != std::string::npos;
      std::_Exit(names ? static_cast<int>(error.code()) : 1);
    }
    std::_Exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(StartThread, RunsItsWork) {
  int value = 0;
  StartThread([&] { value = 7; }).join();
  EXPECT_EQ(value, 7);
}

TEST(StartThread, TooManyThreadsAreAnErrorAndTheOthersAreJoined) {
  EXPECT_EQ(CodeWithFewThreads([] { ThreadTeam team(2000); }), static_cast<int>(ExitCode::kIo));
}

TEST(StartThread, TheSameLimitAllowsATeamOfTwo) {
  EXPECT_EQ(CodeWithFewThreads([] { ThreadTeam team(2); }), 0);
}

}  // namespace
}  // namespace lockstep
