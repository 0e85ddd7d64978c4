#include "trainer/watch/stop_request.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>

#include "base/phase_timer.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

AgreedStop Agree(std::initializer_list<double> wishes) {
  std::vector<RankNote> notes;
  for (double wish : wishes) notes.push_back({wish, 0, 0});
  return AgreeOnStop(notes);
}

// What the caught signals do lasts as long as a process, so each case has its own.
int ExitCodeOf(const std::function<int()>& body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int SeenAfter(int signal) {
  CatchStopSignals();
  ::raise(signal);
  return static_cast<int>(StopRequest("", nullptr).Seen());
}

TEST(StopRequest, NobodyWishesIt) {
  EXPECT_FALSE(Agree({0, 0, 0}));
  EXPECT_EQ(StopRequest("", nullptr).Seen(), StopReason::kNone);
}

TEST(StopRequest, TheLowestRankThatWishesItIsNamed) {
  EXPECT_EQ(Agree({0, 0, SIGTERM}).Text(), "SIGTERM on rank 2");
  EXPECT_EQ(Agree({0, SIGUSR1, SIGTERM}).Text(), "SIGUSR1 on rank 1");
  EXPECT_EQ(Agree({1000, SIGINT}).Text(), "stop file");
  EXPECT_EQ(Agree({1001, SIGINT}).Text(), "time limit");
}

TEST(StopRequest, ASignalIsAWish) {
  for (int signal : {SIGTERM, SIGINT, SIGUSR1, SIGHUP}) {
    EXPECT_EQ(ExitCodeOf([&] { return SeenAfter(signal); }), signal);
  }
}

TEST(StopRequest, ASignalThatALauncherLeftBlockedArrives) {
  for (int signal : {SIGTERM, SIGUSR1}) {
    EXPECT_EQ(ExitCodeOf([&] {
                sigset_t blocked;
                sigemptyset(&blocked);
                sigaddset(&blocked, signal);
                sigprocmask(SIG_BLOCK, &blocked, nullptr);
                return SeenAfter(signal);
              }),
              signal);
  }
}

TEST(StopRequest, TheFirstSignalIsTheReasonAndMoreDoNoHarm) {
  EXPECT_EQ(ExitCodeOf([] {
              SeenAfter(SIGUSR1);
              ::raise(SIGUSR1);
              return SeenAfter(SIGTERM);
            }),
            SIGUSR1);
}

TEST(StopRequest, AHangUpThatWasIgnoredStaysIgnored) {
  EXPECT_EQ(ExitCodeOf([] {
              ::signal(SIGHUP, SIG_IGN);
              return SeenAfter(SIGHUP);
            }),
            0);
}

TEST(StopRequest, AClosedPipeIsTheErrorOfAWrite) {
  EXPECT_EQ(ExitCodeOf([] {
              CatchStopSignals();
              int ends[2];
              if (::pipe(ends) != 0) return 1;
              ::close(ends[0]);
              return ::write(ends[1], "x", 1) == -1 && errno == EPIPE ? 0 : 2;
            }),
            0);
}

TEST(StopRequest, AStopFileIsSeenAndRemoved) {
  const TempFolder folder;
  StopRequest before(folder.path(), nullptr);
  EXPECT_EQ(before.Seen(), StopReason::kNone);
  std::ofstream(folder.path() + "/stop").close();
  StopRequest after(folder.path(), nullptr);
  EXPECT_EQ(after.Seen(), StopReason::kStopFile);
  after.RemoveFile();
  EXPECT_EQ(StopRequest(folder.path(), nullptr).Seen(), StopReason::kNone);
}

TEST(StopRequest, TheTimeLimitIsAWishWhenItIsNear) {
  const TimeLimit far({.started_at = Seconds(), .seconds = 1000}, 0);
  EXPECT_EQ(StopRequest("", &far).Seen(), StopReason::kNone);
  const TimeLimit near({.started_at = Seconds() - 950, .seconds = 1000}, 0);
  EXPECT_EQ(StopRequest("", &near).Seen(), StopReason::kTimeLimit);
}

}  // namespace
}  // namespace lockstep
