#include "checkpoint/background_writer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>

#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

void FailToWrite() { throw IoError("cannot write x.h5: No space left on device"); }

TEST(BackgroundWriter, RunsTheWorkOnAnotherThread) {
  BackgroundWriter writer;
  std::thread::id id;
  writer.Submit([&] { id = std::this_thread::get_id(); });
  writer.Wait();
  EXPECT_NE(id, std::this_thread::get_id());
  EXPECT_NE(id, std::thread::id());
}

TEST(BackgroundWriter, SubmitReturnsBeforeTheWorkIsDone) {
  BackgroundWriter writer;
  std::promise<void> release;
  writer.Submit([&] { release.get_future().wait(); });
  EXPECT_TRUE(writer.busy());
  release.set_value();
  writer.Wait();
  EXPECT_FALSE(writer.busy());
}

TEST(BackgroundWriter, OnlyOneWriteRunsAtATime) {
  BackgroundWriter writer;
  std::atomic<int> running{0}, most{0}, done{0};
  for (int i = 0; i < 20; ++i) {
    writer.Submit([&] {
      most = std::max(most.load(), ++running);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      --running;
      ++done;
    });
  }
  writer.Wait();
  EXPECT_EQ(most, 1);
  EXPECT_EQ(done, 20);
}

TEST(BackgroundWriter, TheSnapshotIsFreedWhenItIsWritten) {
  BackgroundWriter writer;
  auto snapshot = std::make_shared<int>(1);
  const std::weak_ptr<int> watched = snapshot;
  std::promise<void> next;
  writer.Submit([snapshot = std::move(snapshot)] {});
  while (writer.busy()) std::this_thread::yield();
  EXPECT_TRUE(watched.expired());  // although nobody called Wait
}

TEST(BackgroundWriter, WaitRethrowsTheErrorOnce) {
  BackgroundWriter writer;
  writer.Submit(FailToWrite);
  ExpectError(ExitCode::kIo, "No space left on device", [&] { writer.Wait(); });
  EXPECT_NO_THROW(writer.Wait());
}

TEST(BackgroundWriter, SubmitRethrowsTheErrorOfTheWriteBefore) {
  BackgroundWriter writer;
  bool ran = false;
  writer.Submit(FailToWrite);
  ExpectError(ExitCode::kIo, "No space", [&] { writer.Submit([&] { ran = true; }); });
  writer.Wait();
  EXPECT_FALSE(ran);
  writer.Submit([&] { ran = true; });
  writer.Wait();
  EXPECT_TRUE(ran);
}

TEST(BackgroundWriter, TheDestructorFinishesTheWrite) {
  std::atomic<bool> done{false};
  {
    BackgroundWriter writer;
    writer.Submit([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      done = true;
    });
  }
  EXPECT_TRUE(done);
}

}  // namespace
}  // namespace lockstep
