#include "launch/run/ordered_work.h"

#include <gtest/gtest.h>

#include <atomic>

#include "launch/run/chunk_bytes.h"
#include "worker/comm/together.h"

namespace lockstep {
namespace {

// Chunks 0 to `count` - 1, each squared; later chunks are done sooner.
struct Squares {
  explicit Squares(Index count) {
    job.next = [this, count]() -> std::optional<std::string> {
      if (given == count) return std::nullopt;
      most_ahead = std::max(most_ahead, given - std::ssize(used));
      return std::to_string(given++);
    };
    job.work = [](int, Index chunk, const std::string& input) {
      std::this_thread::sleep_for(std::chrono::microseconds(chunk % 3 == 0 ? 2000 : 10));
      return std::to_string(std::stoi(input) * std::stoi(input));
    };
    job.use = [this](Index chunk, const std::string& result) {
      EXPECT_EQ(result, std::to_string(chunk * chunk));
      used.push_back(chunk);
    };
  }
  OrderedJob job;
  Index given = 0, most_ahead = 0;
  std::vector<Index> used;
};

TEST(WorkInOrder, UsesResultsInOrder) {
  for (const int threads : {1, 2, 5}) {
    Squares squares(100);
    WorkInOrder(Communicator::Single(), threads, squares.job);
    ASSERT_EQ(squares.used.size(), 100u) << threads;
    EXPECT_TRUE(std::ranges::is_sorted(squares.used));
  }
}

TEST(WorkInOrder, IsNeverFarAheadOfWhatIsUsed) {
  Squares squares(500);
  squares.job.work = [](int, Index chunk, const std::string& input) {
    if (chunk == 0) std::this_thread::sleep_for(std::chrono::milliseconds(100));
    return std::to_string(std::stoi(input) * std::stoi(input));
  };
  WorkInOrder(Communicator::Single(), 4, squares.job);
  EXPECT_LE(squares.most_ahead, 24);  // 4 x (4 threads + 2 in reserve)
}

// Whoever waits for results before it gives more gets those of all that it gave.
TEST(WorkInOrder, WaitsForInputOnlyWhenNothingIsUnderWay) {
  Squares squares(30);
  Index called = 0;
  squares.job.may_wait = [&] { return ++called, true; };
  WorkInOrder(Communicator::Single(), 3, squares.job);
  EXPECT_EQ(squares.used.size(), 30u);
  EXPECT_EQ(squares.most_ahead, 0);
  EXPECT_GT(called, 0);
}

TEST(WorkInOrder, NothingToDoIsFine) {
  Squares squares(0);
  WorkInOrder(Communicator::Single(), 2, squares.job);
  EXPECT_TRUE(squares.used.empty());
}

TEST(WorkInOrder, TheFirstChunkThatFailsIsTold) {
  Squares squares(40);
  squares.job.work = [](int, Index chunk, const std::string& input) -> std::string {
    if (chunk == 7) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    if (chunk == 7 || chunk == 9) throw BadData("chunk {} is bad", chunk);
    return std::to_string(std::stoi(input) * std::stoi(input));
  };
  try {
    WorkInOrder(Communicator::Single(), 4, squares.job);
    FAIL() << "no error";
  } catch (const AgreedError& error) {
    EXPECT_EQ(error.code(), ExitCode::kBadData);
    EXPECT_STREQ(error.what(), "chunk 7 is bad");
  }
  EXPECT_EQ(squares.used.size(), 7u);
}

TEST(WorkInOrder, AnErrorOfTheInputComesAfterTheChunksBeforeIt) {
  Squares squares(40);
  const auto next = squares.job.next;
  squares.job.next = [&, next]() -> std::optional<std::string> {
    if (squares.given == 5) throw MissingInput("the input ends");
    return next();
  };
  EXPECT_THROW(WorkInOrder(Communicator::Single(), 2, squares.job), AgreedError);
  EXPECT_EQ(squares.used.size(), 5u);
}

TEST(ChunkBytes, ComeBackAsTheyWere) {
  std::string bytes;
  Put(Index{-5}, &bytes);
  PutList(std::vector<float>{1.5f, 2}, &bytes);
  PutList(std::string("text"), &bytes);
  PutList(std::vector<std::uint8_t>(), &bytes);
  BytesReader in(bytes);
  EXPECT_EQ(in.Take<Index>(), -5);
  EXPECT_EQ(in.TakeList<float>(), (std::vector<float>{1.5f, 2}));
  EXPECT_EQ(in.TakeText(), "text");
  EXPECT_TRUE(in.TakeList<std::uint8_t>().empty());
  EXPECT_TRUE(in.AtEnd());
}

}  // namespace
}  // namespace lockstep
