#include <gtest/gtest.h>

#include <string>

#include "worker/comm/communicator.h"

namespace lockstep {
namespace {

// Element i of rank r's data; no two are alike.
float Element(int rank, Index i) { return static_cast<float>(1000 * rank + i); }

class CommunicatorMpi : public testing::Test {
 protected:
  // Rank r's segment has r + 1 elements.
  Segments Growing() const {
    Segments segments{{0}};
    for (Index r = 0; r < comm.size(); ++r) {
      segments.offsets.push_back(segments.offsets.back() + r + 1);
    }
    return segments;
  }
  // Rank r's part has r + 1 elements; that of the last rank comes first, at element `first`.
  std::vector<ElementRange> PartsFrom(Index first) const {
    std::vector<ElementRange> parts;
    for (int r = comm.size(); r-- > 0; first += r + 1) {
      parts.insert(parts.begin(), {first, first + r + 1});
    }
    return parts;
  }
  const Communicator comm = Communicator::World();
};

TEST_F(CommunicatorMpi, MinAndMaxSeeEveryRank) {
  EXPECT_EQ(comm.Max(comm.rank() * 10), (comm.size() - 1) * 10);
  EXPECT_EQ(comm.Min(5 - comm.rank()), 5 - (comm.size() - 1));
}

// Larger than a double can hold exactly.
TEST_F(CommunicatorMpi, AddCountsIsExactOnEveryRank) {
  constexpr Index kLarge = (Index{1} << 53) + 1;
  std::vector<Index> counts = {comm.rank(), 1, comm.rank() == 0 ? kLarge : 0};
  comm.AddCounts(counts);
  const Index size = comm.size();
  EXPECT_EQ(counts, (std::vector<Index>{size * (size - 1) / 2, size, kLarge}));
  comm.AddCounts({});
}

TEST_F(CommunicatorMpi, BroadcastGivesEveryoneRootsText) {
  std::string text = comm.rank() == 0 ? "from rank 0" : "something longer that is replaced";
  comm.Broadcast(&text);
  EXPECT_EQ(text, "from rank 0");
  text = comm.rank() == 0 ? "" : "not empty";
  comm.Broadcast(&text);
  EXPECT_EQ(text, "");
}

TEST_F(CommunicatorMpi, AllGatherJoinsSegmentsOfDifferentSizes) {
  const Segments segments = Growing();
  std::vector<double> mine;
  for (Index i = 0; i <= comm.rank(); ++i) mine.push_back(Element(comm.rank(), i));
  std::vector<double> all(static_cast<std::size_t>(segments.offsets.back()), -1);
  comm.AllGather(mine, segments, all.data());
  for (int r = 0; r < comm.size(); ++r) {
    for (Index i = 0; i < segments.count(r); ++i) {
      EXPECT_EQ(all[static_cast<std::size_t>(segments.begin(r) + i)], Element(r, i))
          << r << " " << i;
    }
  }
}

// A piece lies somewhere in the flat array.
TEST_F(CommunicatorMpi, ScatterGivesEachRankItsSegment) {
  const std::vector<ElementRange> parts = PartsFrom(7);
  std::vector<float> all;
  for (Index i = 0; comm.rank() == 0 && i < parts[0].end; ++i) all.push_back(Element(0, i));
  const ElementRange& own = parts[static_cast<std::size_t>(comm.rank())];
  std::vector<float> mine(static_cast<std::size_t>(own.count()), -1);
  comm.ScatterFromRoot(all.data(), parts, mine);
  for (std::size_t i = 0; i < mine.size(); ++i) {
    EXPECT_EQ(mine[i], Element(0, own.begin + static_cast<Index>(i)));
  }
}

TEST_F(CommunicatorMpi, GatherBringsEachSegmentToItsPlaceOnRankZero) {
  constexpr Index kFirst = 7;
  const std::vector<ElementRange> parts = PartsFrom(kFirst);
  const Index count = parts[static_cast<std::size_t>(comm.rank())].count();
  std::vector<float> mine;
  for (Index i = 0; i < count; ++i) mine.push_back(Element(comm.rank(), i));
  std::vector<float> all(static_cast<std::size_t>(parts[0].end), -1);
  comm.GatherToRoot(mine, parts, all.data());
  if (comm.rank() != 0) return;
  EXPECT_EQ(all[kFirst - 1], -1);
  for (int r = 0; r < comm.size(); ++r) {
    const ElementRange& part = parts[static_cast<std::size_t>(r)];
    for (Index i = 0; i < part.count(); ++i)
      EXPECT_EQ(all[static_cast<std::size_t>(part.begin + i)], Element(r, i));
  }
}

TEST_F(CommunicatorMpi, GatherTextBringsAllTextsToRankZero) {
  const std::string mine(static_cast<std::size_t>(3 * comm.rank()), 'a');
  const std::vector<std::string> texts = comm.GatherText(mine);
  ASSERT_EQ(texts.size(), comm.rank() == 0 ? static_cast<std::size_t>(comm.size()) : 0u);
  for (std::size_t r = 0; r < texts.size(); ++r) EXPECT_EQ(texts[r], std::string(3 * r, 'a'));
}

TEST_F(CommunicatorMpi, BroadcastBringsRankZerosFloats) {
  std::vector<float> values = {Element(comm.rank(), 1), Element(comm.rank(), 2)};
  comm.BroadcastFloats(values);
  EXPECT_EQ(values, (std::vector<float>{Element(0, 1), Element(0, 2)}));
}

TEST_F(CommunicatorMpi, BroadcastBringsRankZerosWords) {
  std::vector<std::uint64_t> words = {std::uint64_t{1} << 63,
                                      static_cast<std::uint64_t>(comm.rank())};
  comm.BroadcastWords(words);
  EXPECT_EQ(words, (std::vector<std::uint64_t>{std::uint64_t{1} << 63, 0}));
}

TEST_F(CommunicatorMpi, AllRanksOfThisTestShareAHost) {
  EXPECT_EQ(comm.MostRanksOnAHost(), comm.size());
  EXPECT_EQ(comm.IsFirstOnHost(), comm.rank() == 0);
}

}  // namespace
}  // namespace lockstep
