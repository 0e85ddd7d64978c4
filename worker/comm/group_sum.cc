#include "worker/comm/group_sum.h"

#include "base/error.h"
#include "worker/comm/member_blocks.h"

namespace lockstep {
namespace {

// The subtrees that some neighbouring ranks have when they have added all they can.
std::vector<TreeNode> NodesOf(const RankGroups::Group::Member& member, Index slots, Index ranks) {
  return CompleteSubtrees(slots, {DealSlots(slots, member.first, ranks).first,
                                  DealSlots(slots, member.last - 1, ranks).last});
}

}  // namespace

GroupSum::GroupSum(const PiecePlan& plan, const Piece& piece, int rank, Index slots, int tag)
    : plan_(plan),
      piece_(piece),
      tag_(tag),
      levels_(LevelsOf(plan, piece, rank, slots)),
      received_(ReceivedFloats(levels_)) {
  PlaceReceived();
}

std::vector<GroupSum::Level> GroupSum::LevelsOf(const PiecePlan& plan, const Piece& piece, int rank,
                                                Index slots) {
  const RankGroups& groups = plan.groups();
  std::vector<Level> levels;
  for (RankGroups::Group& group : groups.GroupsOf(rank)) {
    std::vector<TreeNode> nodes;
    std::vector<Index> first_part{0};
    for (const RankGroups::Group::Member& member : group.members) {
      for (TreeNode node : NodesOf(member, slots, plan.ranks())) nodes.push_back(node);
      first_part.push_back(static_cast<Index>(nodes.size()));
    }
    ElementRange own;
    if (group.place < group.columns) {
      own = groups.ColumnElements(piece.range, plan.grain(), group, group.place);
    }
    levels.push_back({std::move(group), SubtreeSum(slots, nodes), std::move(first_part),
                      std::vector<float*>(nodes.size()), own, Messages()});
  }
  return levels;
}

Index GroupSum::ReceivedFloats(const std::vector<Level>& levels) {
  Index floats = 0;
  for (const Level& level : levels) {
    const auto place = static_cast<std::size_t>(level.group.place);
    const Index own = level.first_part[place + 1] - level.first_part[place];
    floats += (static_cast<Index>(level.parts.size()) - own) * level.own.count();
  }
  return floats;
}

Index GroupSum::ReceivedBytes(const PiecePlan& plan, const Piece& piece, int rank, Index slots) {
  return ReceivedFloats(LevelsOf(plan, piece, rank, slots)) * static_cast<Index>(sizeof(float));
}

// Gives each part that others bring its memory.
void GroupSum::PlaceReceived() {
  float* next = received_.data();
  for (Level& level : levels_) {
    const auto place = static_cast<std::size_t>(level.group.place);
    for (Index part = 0; part < static_cast<Index>(level.parts.size()); ++part) {
      if (part >= level.first_part[place] && part < level.first_part[place + 1]) continue;
      level.parts[static_cast<std::size_t>(part)] = next;
      next += level.own.count();
    }
  }
}

ElementRange GroupSum::Column(const Level& level, Index column) const {
  return plan_.groups().ColumnElements(piece_.range, plan_.grain(), level.group, column);
}

void GroupSum::Begin(const std::vector<float*>& subtrees, float* sum,
                     std::span<double> block_squares) {
  level_ = 0;
  mine_ = subtrees;
  mine_begin_ = 0;
  sum_ = sum;
  block_squares_ = block_squares;
  for (Level& level : levels_) PostArrivals(&level);
}

void GroupSum::PostArrivals(Level* level) {
  const int members = static_cast<int>(level->group.members.size());
  for (int d = 1; d < members; ++d) {
    const auto from = static_cast<std::size_t>(
        PartnerToReceiveFrom(static_cast<int>(level->group.place), members, d));
    for (Index part = level->first_part[from]; part < level->first_part[from + 1]; ++part) {
      level->arrivals.Receive({level->parts[static_cast<std::size_t>(part)],
                               static_cast<std::size_t>(level->own.count())},
                              level->group.members[from].rank, tag_);
    }
  }
}

bool GroupSum::Start() { return levels_.empty() || SendLevel(); }

// Sends the other columns of this rank's sums to the members that have them, and puts its own
// column among the parts to be added. Returns true if it has none, and so leaves.
bool GroupSum::SendLevel() {
  Level& level = levels_[level_];
  const int members = static_cast<int>(level.group.members.size());
  const int place = static_cast<int>(level.group.place);
  for (int d = 1; d < members; ++d) {
    const int to = PartnerToSendTo(place, members, d);
    if (to >= level.group.columns) continue;
    const ElementRange column = Column(level, to);
    for (const float* sum : mine_) {
      departures_.Send(
          {sum + (column.begin - mine_begin_), static_cast<std::size_t>(column.count())},
          level.group.members[static_cast<std::size_t>(to)].rank, tag_);
    }
  }
  if (place >= level.group.columns) return true;
  const auto first = static_cast<std::size_t>(level.first_part[static_cast<std::size_t>(place)]);
  for (std::size_t k = 0; k < mine_.size(); ++k) {
    level.parts[first + k] = mine_[k] + (level.own.begin - mine_begin_);
  }
  return false;
}

bool GroupSum::Arrived() { return levels_[level_].arrivals.Done(); }

void GroupSum::Add(int member, int members) const {
  const Level& level = levels_[level_];
  const bool is_last = level_ + 1 == levels_.size();
  ForBlocks(level.own.count(), plan_.grain(), member, members, [&](Index begin, Index end) {
    level.sum.Add(begin, end, level.parts);
    if (!is_last) return;
    const float* const root = level.parts[level.sum.sums()[0].part];
    block_squares_[static_cast<std::size_t>((level.own.begin + begin) / plan_.grain())] =
        FinishBlock(root + begin, end - begin, sum_ + level.own.begin + begin);
  });
}

bool GroupSum::GoOn() {
  const Level& level = levels_[level_];
  mine_.clear();
  for (const SubtreeSum::Sum& sum : level.sum.sums()) mine_.push_back(level.parts[sum.part]);
  mine_begin_ = level.own.begin;
  return ++level_ == levels_.size() || SendLevel();
}

}  // namespace lockstep
