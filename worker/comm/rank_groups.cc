#include "worker/comm/rank_groups.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "worker/comm/communicator.h"

namespace lockstep {
namespace {

// The place in a line of `line` ranks at which one of `groups` groups begins.
Index GroupBegin(Index line, Index groups, Index which) { return line * which / groups; }

// The group to which a place belongs: the last one that begins at the place or before.
Index GroupAt(Index line, Index groups, Index place) { return ((place + 1) * groups - 1) / line; }

// The smallest divisor of `count` that is not less than `least`; `count` itself if it is smaller.
Index DivisorFrom(Index least, Index count) {
  Index divisor = std::min(least, count);
  while (count % divisor != 0) ++divisor;
  return divisor;
}

}  // namespace

RankGroups::RankGroups(Index ranks, Index ranks_per_host, Index least_members) : ranks_(ranks) {
  LOCKSTEP_CHECK(ranks >= 1 && ranks_per_host >= 1 && least_members >= 2);
  LOCKSTEP_CHECK_EQ(ranks % ranks_per_host, 0);
  Index line = ranks;
  // On a single host, its ranks are grouped like those of any line.
  for (Index here = ranks_per_host < ranks ? ranks_per_host : 1; here > 1;) {
    const Index columns = DivisorFrom(least_members, here);
    levels_.push_back({line, line / columns, columns});
    line /= columns;
    here /= columns;
  }
  while (line > 1) {
    levels_.push_back(LevelOf(line, least_members));
    line = levels_.back().groups;
  }
  for (const Level& level : levels_) segments_ *= level.columns;
}

// As many groups as can have enough members. At most least_members - 1 ranks of a line have no
// column, unless the groups are fewer than that.
RankGroups::Level RankGroups::LevelOf(Index line, Index least_members) {
  const Index groups = std::max<Index>(1, line / least_members);
  return {line, groups, line / groups};
}

// The rank at a place of the line that consists of the members with these columns on the lower
// levels.
Index RankGroups::RankAt(const std::vector<Index>& columns, Index place) const {
  for (std::size_t level = columns.size(); level-- > 0;) {
    place = GroupBegin(levels_[level].line, levels_[level].groups, place) + columns[level];
  }
  return place;
}

// The first of the ranks whose sums lie at a place of any line of a level.
Index RankGroups::FirstRankOf(std::size_t level, Index place) const {
  while (level-- > 0) place = GroupBegin(levels_[level].line, levels_[level].groups, place);
  return place;
}

std::vector<RankGroups::Group> RankGroups::GroupsOf(Index rank) const {
  LOCKSTEP_CHECK(rank >= 0 && rank < ranks_);
  std::vector<Group> groups;
  std::vector<Index> columns;
  Index at = rank, first_segment = 0, width = segments_;
  for (std::size_t i = 0; i < levels_.size(); ++i) {
    const Level& level = levels_[i];
    const Index which = GroupAt(level.line, level.groups, at);
    const Index begin = GroupBegin(level.line, level.groups, which);
    width /= level.columns;
    Group group{{}, at - begin, level.columns, first_segment, width};
    for (Index k = begin; k < GroupBegin(level.line, level.groups, which + 1); ++k) {
      group.members.push_back(
          {static_cast<int>(RankAt(columns, k)), FirstRankOf(i, k), FirstRankOf(i, k + 1)});
    }
    groups.push_back(std::move(group));
    if (groups.back().place >= level.columns) break;
    columns.push_back(groups.back().place);
    first_segment += columns.back() * width;
    at = which;
  }
  return groups;
}

std::optional<Index> RankGroups::SegmentOf(Index rank) const {
  Index segment = 0;
  for (const Group& group : GroupsOf(rank)) {
    if (group.place >= group.columns) return std::nullopt;
    segment = group.first_segment + group.place * group.width;
  }
  return segment;
}

ElementRange RankGroups::Elements(const ElementRange& piece, Index grain, Index first,
                                  Index last) const {
  const auto border = [&](Index segment) {
    return piece.begin + SegmentBorder(piece.count(), grain, segment, segments_);
  };
  return {border(first), border(last)};
}

ElementRange RankGroups::ColumnElements(const ElementRange& piece, Index grain, const Group& group,
                                        Index column) const {
  const Index first = group.first_segment + column * group.width;
  return Elements(piece, grain, first, first + group.width);
}

int RanksOfEvenHosts(const std::vector<int>& host_of) {
  const std::set<int> hosts(host_of.begin(), host_of.end());
  if (host_of.size() % hosts.size() != 0) return 0;
  const std::size_t here = host_of.size() / hosts.size();
  for (std::size_t r = 0; r < host_of.size(); ++r) {
    if (host_of[r] != host_of[r / here * here]) return 0;
  }
  return static_cast<int>(here);
}

}  // namespace lockstep
