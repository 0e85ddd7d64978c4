// The groups of ranks in which a small piece (piece_plan.h) is summed and spread: few messages per
// rank, in about log P rounds, where the direct exchange takes P - 1 messages at once.
//
// Ranks form groups level by level. On the lowest level, each group consists of neighbouring ranks
// (4 to 7 of them; within a host, the least divisor of its ranks from 4 on). All groups of a level
// have the same number C of columns. Each group cuts the piece into C parts, and its c-th member
// gets the sums of part c from all other members. On the next level, the members with the same
// column of neighbouring groups form groups, which do the same with their part. On the highest
// level there is one group for each part; its members own the segments of the piece. Members that
// come after the C-th have no column: they hand over all their sums and own nothing. The finished
// segments are spread in the opposite order, from the highest level to the lowest.
//
// Only groups of neighbouring ranks, and so of neighbouring slots, are added, so that the additions
// are those of the reduction tree (reduction_tree.h).
//
// Example, 9 ranks: two groups, 0 1 2 3 and 4 5 6 7 8, with four columns; rank 8 has none. On the
// second level there are the groups 0 4, 1 5, 2 6 and 3 7, with two columns each. So the eight
// segments belong to the ranks 0 4 1 5 2 6 3 7, in this order.
//
// With groups of two this is recursive halving and doubling (Thakur, Rabenseifner, Gropp 2005,
// "Optimization of Collective Communication Operations in MPICH"); groups that are larger take
// fewer rounds (Ruefenacht, Bull, Booth 2017, "Generalisation of recursive doubling for
// AllReduce"); groups with a member too many are the 3-2 elimination of Rabenseifner and Traeff
// 2004 ("More Efficient Reduction Algorithms for Non-Power-of-Two Number of Processors in
// Message-Passing Parallel Systems").
#pragma once

#include <optional>
#include <vector>

#include "base/types.h"

namespace lockstep {

class RankGroups {
 public:
  // The least number of members of a group, if there are as many ranks. bench/simulate compared 2,
  // 4 and 8.
  static constexpr Index kLeastMembers = 4;

  // If each host has `ranks_per_host` ranks with neighbouring numbers, the ranks of a host meet on
  // the lowest levels, so that each sum leaves its host once and each value enters a host once. 1
  // if hosts do not matter.
  RankGroups(Index ranks, Index ranks_per_host, Index least_members = kLeastMembers);

  // The group of a rank on one level.
  struct Group {
    // A member and the ranks [first, last) whose sums it holds before this level.
    struct Member {
      int rank;
      Index first, last;
    };
    std::vector<Member> members;  // in ascending order
    Index place = 0;              // of the rank among the members; it leaves if place >= columns
    Index columns = 0;            // this many members go on, each with its part of the piece
    // The segments of the piece that the group works on, in the order of elements: column c has
    // `width` of them, which begin at segment first_segment + c * width.
    Index first_segment = 0;
    Index width = 0;
  };
  // The groups of a rank, from the lowest level to the one after which it leaves or which is the
  // highest. Empty for one rank.
  std::vector<Group> GroupsOf(Index rank) const;

  Index levels() const { return static_cast<Index>(levels_.size()); }
  // The number of segments of a piece.
  Index segments() const { return segments_; }
  // Which of the segments, in the order of elements, the rank owns; none if it leaves.
  std::optional<Index> SegmentOf(Index rank) const;
  // The elements of the segments [first, last) of a piece, with borders at multiples of the grain.
  ElementRange Elements(const ElementRange& piece, Index grain, Index first, Index last) const;
  // Those of the segments of one column of a group.
  ElementRange ColumnElements(const ElementRange& piece, Index grain, const Group& group,
                              Index column) const;

 private:
  struct Level {
    Index line;    // ranks in each line of those that meet, on this level or on higher ones
    Index groups;  // in each line
    Index columns;
  };
  static Level LevelOf(Index line, Index least_members);
  Index RankAt(const std::vector<Index>& columns, Index place) const;
  Index FirstRankOf(std::size_t level, Index place) const;

  Index ranks_;
  Index segments_ = 1;
  std::vector<Level> levels_;
};

// The number of ranks of each host if all hosts have the same number of ranks, with neighbouring
// numbers; otherwise 0. host_of[r] identifies the host of rank r.
int RanksOfEvenHosts(const std::vector<int>& host_of);

}  // namespace lockstep
