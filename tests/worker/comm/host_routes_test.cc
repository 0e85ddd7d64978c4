#include "worker/comm/host_routes.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/worker/comm/placements.h"

namespace lockstep {
namespace {

std::vector<HostRoutes> RoutesOfAll(const Placement& placement) {
  std::vector<HostRoutes> routes;
  for (int r = 0; r < static_cast<int>(placement.host_of.size()); ++r) {
    routes.emplace_back(r, placement.host_of);
  }
  return routes;
}

using Level = const LevelMessages& (HostRoutes::*)() const;
constexpr Level kLevels[] = {&HostRoutes::sums_inside, &HostRoutes::sums_between,
                             &HostRoutes::copies_between, &HostRoutes::copies_inside};

// Owners of the messages from a rank to another, in the order in which one end gives them.
std::vector<int> Owners(const std::vector<SegmentMessage>& messages, int partner) {
  std::vector<int> owners;
  for (const auto& [who, owner] : messages) {
    if (who == partner) owners.push_back(owner);
  }
  return owners;
}

TEST(HostRoutes, BothEndsGiveTheSameMessagesInTheSameOrder) {
  for (int ranks = 1; ranks <= 16; ++ranks) {
    for (const Placement& placement : Placements(ranks)) {
      const std::vector<HostRoutes> routes = RoutesOfAll(placement);
      for (Level level : kLevels) {
        for (const HostRoutes& from : routes) {
          for (const HostRoutes& to : routes) {
            EXPECT_EQ(Owners((from.*level)().sends, to.rank()),
                      Owners((to.*level)().receives, from.rank()))
                << placement.name << ", " << ranks << " ranks";
          }
        }
      }
    }
  }
}

// Hands over messages as Messages does with room for one at each end; what is left is stuck.
std::size_t StuckMessages(const std::vector<HostRoutes>& routes, Level level) {
  std::vector<std::size_t> sent(routes.size()), received(routes.size());
  std::size_t left = 0;
  for (const HostRoutes& rank : routes) left += (rank.*level)().sends.size();
  for (bool moved = true; moved;) {
    moved = false;
    for (std::size_t r = 0; r < routes.size(); ++r) {
      const std::vector<SegmentMessage>& sends = (routes[r].*level)().sends;
      if (sent[r] == sends.size()) continue;
      const std::size_t to = static_cast<std::size_t>(sends[sent[r]].partner);
      const std::vector<SegmentMessage>& receives = (routes[to].*level)().receives;
      if (receives[received[to]].partner != static_cast<int>(r)) continue;
      ++sent[r];
      ++received[to];
      --left;
      moved = true;
    }
  }
  return left;
}

TEST(HostRoutes, NoMessageWaitsForEverWhereOneGoesAtOnce) {
  for (int ranks = 1; ranks <= 16; ++ranks) {
    for (const Placement& placement : Placements(ranks)) {
      for (Level level : kLevels) {
        EXPECT_EQ(StuckMessages(RoutesOfAll(placement), level), 0u)
            << placement.name << ", " << ranks << " ranks";
      }
    }
  }
}

TEST(HostRoutes, EachHostIsEnteredOnceForEachSegmentAndEachRankReached) {
  for (int ranks = 1; ranks <= 16; ++ranks) {
    for (const Placement& placement : Placements(ranks)) {
      const std::vector<HostRoutes> routes = RoutesOfAll(placement);
      std::map<std::pair<int, int>, int> entered;  // host and owner: times
      for (const HostRoutes& rank : routes) {
        std::set<int> arrived = {rank.rank()};
        for (const auto& [from, owner] : rank.copies_between().receives) {
          EXPECT_NE(rank.HostOf(from), rank.host());
          EXPECT_EQ(++entered[(std::pair{rank.host(), owner})], 1);
          EXPECT_TRUE(arrived.insert(owner).second);
        }
        for (const auto& [from, owner] : rank.copies_inside().receives) {
          EXPECT_EQ(rank.HostOf(from), rank.host());
          EXPECT_TRUE(arrived.insert(owner).second);
        }
        EXPECT_EQ(arrived.size(), routes.size()) << placement.name << ", " << ranks << " ranks";
      }
    }
  }
}

TEST(HostRoutes, TwoLevelsOnlyWhereSeveralHostsHaveSeveralRanks) {
  EXPECT_FALSE(HostRoutes::For(0, {0, 0, 2, 2}).sums_inside().sends.empty());
  EXPECT_TRUE(HostRoutes::For(0, {0, 0, 0, 0}).sums_inside().sends.empty());
  EXPECT_TRUE(HostRoutes::For(0, {0, 1, 2, 3}).sums_inside().sends.empty());
  EXPECT_EQ(HostRoutes::For(0, {0, 0, 0, 0}).sums_between().sends.size(), 3u);
}

}  // namespace
}  // namespace lockstep
