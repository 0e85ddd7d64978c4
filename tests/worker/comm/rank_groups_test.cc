#include "worker/comm/rank_groups.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <set>

#include "base/counter_rng.h"
#include "worker/comm/subtree_sum.h"

namespace lockstep {
namespace {

using Arrays = std::vector<std::vector<float>>;

std::vector<TreeNode> NodesOf(Index slots, Index first_rank, Index last_rank, Index ranks) {
  return CompleteSubtrees(slots, {DealSlots(slots, first_rank, ranks).first,
                                  DealSlots(slots, last_rank - 1, ranks).last});
}

// Numbers of very different size, so that any other order of sums shows.
std::vector<float> SlotGradient(Index slot, Index count) {
  const CounterRng rng(1, RandomPurpose::kTest, static_cast<std::uint64_t>(slot));
  std::vector<float> gradient;
  for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(count); ++i) {
    const double size = std::ldexp(1.0, static_cast<int>(rng.Below(i, 40)));
    gradient.push_back(static_cast<float>(size * rng.Normal(i)));
  }
  return gradient;
}

// The subtree sums of some slots, added one after another.
Arrays SerialSums(Index slots, SlotRange range, Index count) {
  auto adder =
      MakeTreeAdder<std::vector<float>>(slots, [](std::vector<float> a, std::vector<float> b) {
        for (std::size_t i = 0; i < a.size(); ++i) a[i] += b[i];
        return a;
      });
  for (Index s = range.first; s < range.last; ++s) adder.Push({0, s}, SlotGradient(s, count));
  Arrays sums;
  for (const auto& entry : adder.entries()) sums.push_back(entry.second);
  return sums;
}

// All ranks in one process: what each of them has summed, for a piece of one element per segment.
class EmulatedRanks {
 public:
  EmulatedRanks(const RankGroups& groups, Index ranks, Index slots)
      : groups_(groups), ranks_(ranks), slots_(slots) {
    for (Index r = 0; r < ranks; ++r) {
      sums_.push_back(SerialSums(slots, DealSlots(slots, r, ranks), groups.segments()));
    }
    for (Index level = 0; level < groups.levels(); ++level) Exchange(level);
  }
  const Arrays& SumsOf(Index rank) const { return sums_[static_cast<std::size_t>(rank)]; }

 private:
  void Exchange(Index level) {
    std::vector<Arrays> next = sums_;
    for (Index r = 0; r < ranks_; ++r) {
      const std::vector<RankGroups::Group> path = groups_.GroupsOf(r);
      if (level >= static_cast<Index>(path.size())) continue;
      const RankGroups::Group& group = path[static_cast<std::size_t>(level)];
      if (group.place < group.columns) next[static_cast<std::size_t>(r)] = Added(group);
    }
    sums_ = next;
  }
  Arrays Added(const RankGroups::Group& group) const {
    std::vector<TreeNode> nodes;
    Arrays parts;
    for (const auto& [rank, first, last] : group.members) {
      for (TreeNode node : NodesOf(slots_, first, last, ranks_)) nodes.push_back(node);
      for (const std::vector<float>& sum : SumsOf(rank)) parts.push_back(sum);
    }
    EXPECT_EQ(parts.size(), nodes.size());
    std::vector<float*> arrays;
    for (std::vector<float>& part : parts) arrays.push_back(part.data());
    const SubtreeSum sum(slots_, nodes);
    const Index begin = group.first_segment + group.place * group.width;
    sum.Add(begin, begin + group.width, arrays);
    Arrays added;
    for (const SubtreeSum::Sum& left : sum.sums()) added.push_back(parts[left.part]);
    return added;
  }

  const RankGroups& groups_;
  Index ranks_, slots_;
  std::vector<Arrays> sums_;
};

void ExpectBitsOfOneRank(Index ranks, Index ranks_per_host, Index least_members, Index slots) {
  const RankGroups groups(ranks, ranks_per_host, least_members);
  const EmulatedRanks emulated(groups, ranks, slots);
  const Arrays expected = SerialSums(slots, {0, slots}, groups.segments());
  for (Index r = 0; r < ranks; ++r) {
    const std::optional<Index> segment = groups.SegmentOf(r);
    if (!segment) continue;
    ASSERT_EQ(emulated.SumsOf(r).size(), 1u)
        << ranks << " ranks, " << slots << " slots, rank " << r;
    ASSERT_EQ(emulated.SumsOf(r)[0][static_cast<std::size_t>(*segment)],
              expected[0][static_cast<std::size_t>(*segment)])
        << ranks << " ranks, " << slots << " slots, rank " << r;
  }
}

TEST(RankGroups, SumsHaveTheBitsOfOneRank) {
  for (Index ranks : {1, 2, 3, 5, 7, 11, 16, 23, 67}) {
    for (Index slots : {Index{1}, Index{8}, Index{13}, ranks, 2 * ranks}) {
      for (Index least_members : {2, 4}) ExpectBitsOfOneRank(ranks, 1, least_members, slots);
    }
  }
}

TEST(RankGroups, SumsHaveTheBitsOfOneRankOnHostsOfSeveral) {
  for (const auto& [ranks, ranks_per_host] :
       {std::pair{6, 2}, {12, 3}, {21, 7}, {24, 24}, {60, 12}}) {
    for (Index slots : {5, 64}) ExpectBitsOfOneRank(ranks, ranks_per_host, 4, slots);
  }
}

TEST(RankGroups, EachSegmentHasOneOwnerAndFewRanksHaveNone) {
  for (Index ranks = 1; ranks <= 300; ++ranks) {
    const RankGroups groups(ranks, 1);
    std::set<Index> owned;
    for (Index r = 0; r < ranks; ++r) {
      const std::optional<Index> segment = groups.SegmentOf(r);
      if (!segment) continue;
      EXPECT_TRUE(owned.insert(*segment).second) << ranks << " ranks, rank " << r;
    }
    EXPECT_EQ(static_cast<Index>(owned.size()), groups.segments());
    EXPECT_EQ(*owned.rbegin(), groups.segments() - 1);
    EXPECT_GE(10 * groups.segments(), 7 * ranks) << ranks << " ranks";
  }
}

// Otherwise a message would have a sender and no receiver.
TEST(RankGroups, AllMembersOfAGroupKnowTheSameGroup) {
  for (const auto& [ranks, ranks_per_host] : {std::pair{11, 1}, {67, 1}, {40, 8}}) {
    const RankGroups groups(ranks, ranks_per_host);
    for (Index r = 0; r < ranks; ++r) {
      const std::vector<RankGroups::Group> path = groups.GroupsOf(r);
      for (std::size_t level = 0; level < path.size(); ++level) {
        EXPECT_EQ(path[level].members[static_cast<std::size_t>(path[level].place)].rank, r);
        for (const auto& member : path[level].members) {
          const RankGroups::Group theirs = groups.GroupsOf(member.rank)[level];
          EXPECT_EQ(theirs.first_segment, path[level].first_segment);
          EXPECT_EQ(theirs.columns, path[level].columns);
          ASSERT_EQ(theirs.members.size(), path[level].members.size());
          for (std::size_t i = 0; i < theirs.members.size(); ++i) {
            EXPECT_EQ(theirs.members[i].rank, path[level].members[i].rank);
          }
        }
      }
    }
  }
}

TEST(RankGroups, MessagesGrowWithTheLogarithmOfTheRanks) {
  for (const auto& [ranks, messages] :
       {std::pair{4, 3u}, {16, 6u}, {64, 9u}, {1024, 15u}, {4096, 18u}}) {
    std::size_t most = 0;
    for (Index r : {0, ranks / 3, ranks - 1}) {
      std::size_t sent = 0;
      for (const RankGroups::Group& group : RankGroups(ranks, 1).GroupsOf(r)) {
        sent += group.members.size() - 1;
      }
      most = std::max(most, sent);
    }
    EXPECT_EQ(most, messages) << ranks << " ranks";
  }
}

TEST(RankGroups, TheExampleOfTheHeader) {
  const RankGroups groups(9, 1);
  const Index owners[] = {0, 4, 1, 5, 2, 6, 3, 7};
  for (Index segment = 0; segment < 8; ++segment) {
    EXPECT_EQ(groups.SegmentOf(owners[segment]), segment);
  }
  EXPECT_EQ(groups.SegmentOf(8), std::nullopt);
  EXPECT_EQ(groups.GroupsOf(8).size(), 1u);
}

TEST(RankGroups, RanksOfAHostMeetFirst) {
  constexpr Index kRanks = 96,
                  kPerHost = 12;  // met in groups of 4 and then 3, hosts in groups of 4
  const RankGroups groups(kRanks, kPerHost);
  for (Index r = 0; r < kRanks; ++r) {
    const std::vector<RankGroups::Group> path = groups.GroupsOf(r);
    ASSERT_EQ(path.size(), 4u);
    for (std::size_t level : {0, 1}) {
      for (const auto& member : path[level].members)
        EXPECT_EQ(member.rank / kPerHost, r / kPerHost);
    }
    // One member of each host.
    std::set<Index> hosts;
    for (const auto& member : path[2].members) hosts.insert(member.rank / kPerHost);
    EXPECT_EQ(hosts.size(), 4u);
  }
}

TEST(RankGroups, ElementsOfAllSegmentsAreThePiece) {
  const RankGroups groups(11, 1);
  const ElementRange piece{640, 640 + 1000};
  Index end = piece.begin;
  for (Index segment = 0; segment < groups.segments(); ++segment) {
    const ElementRange range = groups.Elements(piece, 64, segment, segment + 1);
    EXPECT_EQ(range.begin, end);
    end = range.end;
  }
  EXPECT_EQ(end, piece.end);
}

TEST(RanksOfEvenHosts, CountsOnlyHostsOfNeighbours) {
  EXPECT_EQ(RanksOfEvenHosts({5}), 1);
  EXPECT_EQ(RanksOfEvenHosts({0, 1, 2}), 1);
  EXPECT_EQ(RanksOfEvenHosts({3, 3, 3}), 3);
  EXPECT_EQ(RanksOfEvenHosts({4, 4, 0, 0, 2, 2}), 2);
  EXPECT_EQ(RanksOfEvenHosts({0, 0, 1}), 0) << "unequal";
  EXPECT_EQ(RanksOfEvenHosts({0, 1, 0, 1}), 0) << "one after another";
  EXPECT_EQ(RanksOfEvenHosts({0, 0, 1, 1, 0, 0}), 0) << "a host twice";
}

}  // namespace
}  // namespace lockstep
