#include "worker/gradient_sums.h"

#include <algorithm>
#include <limits>

#include "base/error.h"
#include "worker/kernels/elementwise.h"

namespace lockstep {
namespace {

SlotRange RangeOfMember(SlotRange range, int which, int members) {
  const SlotRange part = DealSlots(range.size(), which, members);
  return {range.first + part.first, range.first + part.last};
}

}  // namespace

GradientSums::GradientSums(Index slots, SlotRange range, int members, Index elements,
                           const RowTable& table)
    : slots_(slots),
      range_(range),
      elements_(elements),
      table_(table),
      touched_(table.rows),
      members_(static_cast<std::size_t>(members)) {
  for (int which = 0; which < members; ++which) {
    At(which).range = RangeOfMember(range, which, members);
  }
}

Index GradientSums::Buffers(Index slots, SlotRange range, int members) {
  Index buffers = 0;
  for (int which = 0; which < members; ++which) {
    buffers += MostSubtrees(slots, RangeOfMember(range, which, members));
  }
  return buffers;
}

void GradientSums::TakeMemory(int member) {
  for (Index i = 0; i < MostSubtrees(slots_, At(member).range); ++i) {
    At(member).buffers.push_back({AlignedBuffer<float>(elements_), TouchedRows(table_.rows)});
  }
}

std::span<float> GradientSums::Scratch(int member) {
  Buffer& buffer = At(member).buffers[0];
  buffer.all_touched = true;
  return buffer.data.span();
}

Index GradientSums::bytes() const {
  Index buffers = 0;
  for (const Member& member : members_) buffers += static_cast<Index>(member.buffers.size());
  return buffers * elements_ * static_cast<Index>(sizeof(float));
}

// Calls use(begin, end) for the runs of elements of `range` that are not in the table, or in one of
// its `rows`.
template <typename Use>
void GradientSums::ForEachRun(const ElementRange& range, std::span<const std::int32_t> rows,
                              const Use& use) const {
  const auto within = [&](Index begin, Index end) {
    begin = std::max(begin, range.begin);
    end = std::min(end, range.end);
    if (begin < end) use(begin, end);
  };
  within(0, table_.begin);
  within(table_.end(), elements_);
  if (std::max(range.begin, table_.begin) >= std::min(range.end, table_.end())) return;
  for (const std::int32_t row : rows) {
    const Index begin = table_.begin + row * table_.width;
    within(begin, begin + table_.width);
  }
}

void GradientSums::ClearData(Buffer* buffer) const {
  float* const data = buffer->data.data();
  ForEachRun({0, elements_}, buffer->touched.rows(),
             [&](Index begin, Index end) { std::fill(data + begin, data + end, 0.0f); });
  if (buffer->all_touched) std::fill(data + table_.begin, data + table_.end(), 0.0f);
  buffer->touched.Clear();
  buffer->all_touched = false;
}

// The sums that were left at the end of the last step have the rows of all slots of this rank, and
// those of other ranks if there are any: the reducer adds and receives in these buffers.
void GradientSums::GiveBack(Member* member) const {
  const bool alone = range_.size() == slots_;
  for (const auto& [node, buffer] : AllSumsOf(*member)) {
    buffer->touched.Add(touched_.rows());
    buffer->all_touched |= !alone;
  }
  member->before_last.clear();
  member->last.clear();
  member->free.clear();
  for (Buffer& buffer : member->buffers) member->free.push_back(&buffer);
}

void GradientSums::Begin(const PiecePlan& plan, std::span<const SlotBatch> slots) {
  LOCKSTEP_CHECK_EQ(std::ssize(slots), range_.size());
  plan_ = &plan;
  batches_ = slots;
  if (board_ == nullptr) board_ = std::make_unique<PieceBoard>(plan.pieces().size());
  board_->Reset();
  for (Member& member : members_) {
    GiveBack(&member);
    member.finished = 0;
  }
  touched_.Clear();
  for (const SlotBatch& slot : slots) AddTouched(slot, &touched_);
}

void GradientSums::AddTouched(const SlotBatch& slot, TouchedRows* rows) const {
  if (table_.rows == 0) return;
  rows->Add(slot.fields[table_.field].ids);
  const auto stand_in = static_cast<std::int32_t>(table_.stand_in);
  if (stand_in >= 0) rows->Add({&stand_in, 1});
}

float* GradientSums::Take(int which, Index slot) {
  Member& member = At(which);
  Buffer* const buffer = member.free.back();
  member.free.pop_back();
  ClearData(buffer);
  AddTouched(batches_[static_cast<std::size_t>(slot - range_.first)], &buffer->touched);
  member.last = {{{0, slot}, buffer}};
  return buffer->data.data();
}

void GradientSums::Add(int which, Index slot) {
  Member& member = At(which);
  auto adder = MakeTreeAdder<Buffer*>(slots_, [&](Buffer* left, Buffer* right) {
    const float* const from = right->data.data();
    float* const to = left->data.data();
    ForEachRun({0, elements_}, right->touched.rows(),
               [&](Index begin, Index end) { AddInPlace(end - begin, from + begin, to + begin); });
    left->touched.Add(right->touched.rows());
    member.free.push_back(right);
    return left;
  });
  for (const auto& [node, sum] : member.before_last) adder.Push(node, sum);
  adder.Push({0, slot}, member.last[0].second);
  member.before_last = adder.entries();
  member.last.clear();
}

// Adds neighbours in the elements of `range` only. Which additions are done depends on the nodes
// alone, so every range, even an empty one, leaves the same list of nodes and arrays. Several
// members may add different ranges of the same buffers at once, so what is touched is not written
// here: the rows of all slots of this rank are added.
GradientSums::Sums GradientSums::AddNeighbours(const Sums& sums, const ElementRange& range) const {
  auto adder = MakeTreeAdder<Buffer*>(slots_, [&](Buffer* left, Buffer* right) {
    const float* const from = right->data.data();
    float* const to = left->data.data();
    ForEachRun(range, touched_.rows(),
               [&](Index begin, Index end) { AddInPlace(end - begin, from + begin, to + begin); });
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
  for (const auto& [node, sum] : AddNeighbours(SumsOfMembers(), {})) {
    subtrees->push_back(sum->data.data());
  }
}

}  // namespace lockstep
