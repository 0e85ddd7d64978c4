#include <gtest/gtest.h>

#include <cmath>

#include "base/counter_rng.h"
#include "worker/comm/gradient_reducer.h"

namespace lockstep {
namespace {

constexpr Index kGrain = 64;

// Gradient of one slot: values of very different size, so that any other order of sums shows.
std::vector<float> SlotGradient(Index slot, Index count) {
  const CounterRng rng(1, RandomPurpose::kTest, static_cast<std::uint64_t>(slot));
  std::vector<float> gradient;
  for (Index i = 0; i < count; ++i) {
    const double size =
        std::ldexp(1.0, static_cast<int>(rng.Below(static_cast<std::uint64_t>(i), 40)));
    gradient.push_back(static_cast<float>(size * rng.Normal(static_cast<std::uint64_t>(i))));
  }
  return gradient;
}

// Subtree sums of a range of slots, as a worker makes them.
std::vector<std::vector<float>> Subtrees(Index slots, SlotRange range, Index count) {
  TreeAdder<std::vector<float>> adder(slots, [](std::vector<float> a, const std::vector<float>& b) {
    for (std::size_t i = 0; i < a.size(); ++i) a[i] += b[i];
    return a;
  });
  for (Index s = range.first; s < range.last; ++s) adder.Push({0, s}, SlotGradient(s, count));
  std::vector<std::vector<float>> sums;
  for (const auto& entry : adder.entries()) sums.push_back(entry.second);
  return sums;
}

// Bit for bit what one rank gets, for slot counts that do and do not divide evenly.
TEST(GradientReducerMpi, GivesTheBitsOfOneRank) {
  const Communicator comm = Communicator::World();
  ThreadTeam team(2);
  for (Index slots : {8, 9, 13, 16}) {
    for (Index count : {64, 640, 6400}) {
      GradientReducer reducer(comm, slots, count, kGrain);
      for (int repeat = 0; repeat < 2; ++repeat) {
        auto sums = Subtrees(slots, DealSlots(slots, comm.rank(), comm.size()), count);
        std::vector<float*> mine;
        for (std::vector<float>& sum : sums) mine.push_back(sum.data());
        const std::span<float> segment = reducer.Reduce(mine, &team);
        const std::vector<float> expected = Subtrees(slots, {0, slots}, count)[0];
        const Index begin = reducer.segments().begin(comm.rank());
        ASSERT_EQ(static_cast<Index>(segment.size()), reducer.segments().count(comm.rank()));
        for (std::size_t i = 0; i < segment.size(); ++i) {
          ASSERT_EQ(segment[i], expected[static_cast<std::size_t>(begin) + i])
              << slots << " slots, element " << begin << " + " << i << " of rank " << comm.rank();
        }
      }
    }
  }
}

}  // namespace
}  // namespace lockstep
