#include "base/signal_cleanup.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

class SignalCleanup : public testing::Test {
 protected:
  // The wait status of a process that names both files, takes one back, and gets the signal.
  int Signalled(int signal) const {
    for (const std::string& path : {removed_, kept_}) std::ofstream(path) << "unfinished";
    const pid_t child = ::fork();
    if (child == 0) {
      RemoveOnSignal(removed_);
      RemoveOnSignal(kept_);
      KeepOnSignal(kept_);
      ::raise(signal);
      std::_Exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return status;
  }

  TempFolder folder_;
  std::string removed_ = folder_ / "removed";
  std::string kept_ = folder_ / "kept";
};

TEST_F(SignalCleanup, RemovesNamedFilesAndEndsByTheSignal) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    ::signal(signal, SIG_DFL);
    const int status = Signalled(signal);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == signal) << signal;
    EXPECT_FALSE(std::filesystem::exists(removed_)) << signal;
    EXPECT_TRUE(std::filesystem::exists(kept_)) << signal;
  }
}

// The second signal reaches another thread while the first one is still removing.
TEST_F(SignalCleanup, TwoSignalsAtOnceLeaveNothing) {
  ::signal(SIGINT, SIG_DFL);
  constexpr int kTurns = 30, kFiles = 60;
  for (int turn = 0; turn < kTurns; ++turn) {
    const pid_t child = ::fork();
    if (child == 0) {
      for (int file = 0; file < kFiles; ++file) {
        const std::string path = fmt::format("{}/{}", folder_.path(), file);
        std::ofstream(path) << "unfinished";
        RemoveOnSignal(path);
      }
      std::vector<std::thread> threads;
      for (int t = 0; t < 4; ++t) threads.emplace_back([] { ::kill(::getpid(), SIGINT); });
      for (std::thread& thread : threads) thread.join();
      std::_Exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
    ASSERT_TRUE(std::filesystem::is_empty(folder_.path())) << "turn " << turn;
  }
}

TEST_F(SignalCleanup, AnIgnoredSignalStaysIgnored) {
  ::signal(SIGHUP, SIG_IGN);
  const int status = Signalled(SIGHUP);
  ::signal(SIGHUP, SIG_DFL);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_TRUE(std::filesystem::exists(removed_));
}

TEST_F(SignalCleanup, ADyingChildLeavesTheFilesOfItsParent) {
  std::ofstream(removed_) << "unfinished";
  RemoveOnSignal(removed_);
  const pid_t child = ::fork();
  if (child == 0) {
    ::raise(SIGTERM);
    std::_Exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_TRUE(std::filesystem::exists(removed_));
  KeepOnSignal(removed_);
}

}  // namespace
}  // namespace lockstep
