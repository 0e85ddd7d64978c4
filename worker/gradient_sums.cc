#include "worker/gradient_sums.h"

#include <limits>

#include "worker/kernels/elementwise.h"

namespace lockstep {

GradientSums::GradientSums(Index slots, SlotRange range, int members, Index elements)
    : slots_(slots), elements_(elements), members_(static_cast<std::size_t>(members)) {
  for (int which = 0; which < members; ++which) {
    const SlotRange part = DealSlots(range.size(), which, members);
    At(which).range = {range.first + part.first, range.first + part.last};
  }
}

void GradientSums::TakeMemory(int member) {
  for (Index i = 0; i < MostSubtrees(slots_, At(member).range); ++i) {
    At(member).buffers.emplace_back(elements_);
  }
}

Index GradientSums::bytes() const {
  Index buffers = 0;
  for (const Member& member : members_) buffers += static_cast<Index>(member.buffers.size());
  return buffers * elements_ * static_cast<Index>(sizeof(float));
}

void GradientSums::Begin(const PiecePlan& plan) {
  plan_ = &plan;
  if (board_ == nullptr) board_ = std::make_unique<PieceBoard>(plan.pieces().size());
  board_->Reset();
  for (Member& member : members_) {
    member.free.clear();
    for (AlignedBuffer<float>& buffer : member.buffers) member.free.push_back(buffer.data());
    member.finished = 0;
    member.before_last.clear();
    member.last.clear();
  }
}

float* GradientSums::Take(int which, Index slot) {
  Member& member = At(which);
  float* const gradient = member.free.back();
  member.free.pop_back();
  member.last = {{{0, slot}, gradient}};
  return gradient;
}

void GradientSums::Add(int which, Index slot) {
  Member& member = At(which);
  auto adder = MakeTreeAdder<float*>(slots_, [&](float* left, float* right) {
    AddInPlace(elements_, right, left);
    member.free.push_back(right);
    return left;
  });
  for (const auto& [node, sum] : member.before_last) adder.Push(node, sum);
  adder.Push({0, slot}, member.last[0].second);
  member.before_last = adder.entries();
  member.last.clear();
}

// Adds neighbours in the elements of `range` only. Which additions are done depends on the nodes
// alone, so every range, even an empty one, leaves the same list of nodes and arrays.
GradientSums::Sums GradientSums::AddNeighbours(const Sums& sums, const ElementRange& range) const {
  auto adder = MakeTreeAdder<float*>(slots_, [&](float* left, float* right) {
    AddInPlace(range.count(), right + range.begin, left + range.begin);
    return left;
  });
  for (const auto& [node, sum] : sums) adder.Push(node, sum);
  return adder.entries();
}

void GradientSums::FinishStage(int which, std::size_t stage) {
  Member& member = At(which);
  const std::vector<std::size_t>& order = plan_->finish_order();
  if (member.finished == 0) member.subtrees = AddNeighbours(AllSumsOf(member), {});
  while (member.finished < order.size() && plan_->pieces()[order[member.finished]].stage <= stage) {
    FinishPiece(member, order[member.finished++]);
  }
}

void GradientSums::FinishAll(int member) {
  FinishStage(member, std::numeric_limits<std::size_t>::max());
}

void GradientSums::FinishPiece(const Member& member, std::size_t piece) {
  const ElementRange& range = plan_->pieces()[piece].range;
  AddNeighbours(AllSumsOf(member), range);
  if (!board_->Arrive(piece, static_cast<int>(members_.size()))) return;
  AddNeighbours(SumsOfMembers(), range);
  board_->SetReady(piece);
}

GradientSums::Sums GradientSums::AllSumsOf(const Member& member) {
  Sums sums = member.before_last;
  sums.insert(sums.end(), member.last.begin(), member.last.end());
  return sums;
}

GradientSums::Sums GradientSums::SumsOfMembers() const {
  Sums sums;
  for (const Member& member : members_) {
    sums.insert(sums.end(), member.subtrees.begin(), member.subtrees.end());
  }
  return sums;
}

void GradientSums::GetSubtrees(std::vector<float*>* subtrees) const {
  subtrees->clear();
  for (const auto& [node, sum] : AddNeighbours(SumsOfMembers(), {})) subtrees->push_back(sum);
}

}  // namespace lockstep
