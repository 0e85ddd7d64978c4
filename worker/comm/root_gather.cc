#include "worker/comm/root_gather.h"

#include <algorithm>

#include "base/error.h"
#include "base/rank_status.h"

namespace lockstep {
namespace {

// The tag after those of gradients and values (gradient_reducer.cc, value_gather.cc). One tag is
// enough, because the sender and the receiver add their messages in the same order.
int MomentTag(const PiecePlan& plan) { return static_cast<int>(3 * plan.pieces().size()); }

}  // namespace

RootGather::RootGather(const Communicator& comm, const PiecePlan& plan, std::size_t arrays)
    : comm_(comm), plan_(plan) {
  const bool is_root = comm.rank() == 0;
  Index from = 0, copied = 0;
  for (const Piece& piece : plan.pieces()) {
    const ElementRange updated = piece.UpdatedBy(comm.rank());
    if (is_root || !piece.replicated) {  // rank 0 has its own copy of replicated pieces
      parts_.push_back({from, is_root ? updated.begin : copied, updated.count()});
      copied += updated.count();
    }
    from += updated.count();
  }
  for (std::size_t i = 0; i < arrays; ++i) copies_.emplace_back(is_root ? plan.count() : copied);
}

void RootGather::Begin(const std::vector<std::span<const float>>& mine, ThreadTeam* team) {
  LOCKSTEP_CHECK(done_);
  LOCKSTEP_CHECK_EQ(mine.size(), copies_.size());
  Copy(mine, team);
  done_ = comm_.size() == 1;
  for (AlignedBuffer<float>& copy : copies_) {
    if (comm_.rank() != 0) {
      for (const Part& part : parts_) {
        messages_.Send(copy.span().subspan(static_cast<std::size_t>(part.to),
                                           static_cast<std::size_t>(part.count)),
                       0, MomentTag(plan_));
      }
      continue;
    }
    for (const Piece& piece : plan_.pieces()) {
      for (int r = 1; r < comm_.size() && !piece.replicated; ++r) {
        const ElementRange theirs = piece.OwnedBy(r);
        messages_.Receive({copy.data() + theirs.begin, static_cast<std::size_t>(theirs.count())}, r,
                          MomentTag(plan_));
      }
    }
  }
}

// Each member copies its share of every part.
void RootGather::Copy(const std::vector<std::span<const float>>& mine, ThreadTeam* team) {
  constexpr Index kGrain = 1024;
  team->Run([&](int member) {
    for (std::size_t i = 0; i < copies_.size(); ++i) {
      for (const Part& part : parts_) {
        const Index begin = SegmentBorder(part.count, kGrain, member, team->size());
        const Index end = SegmentBorder(part.count, kGrain, member + 1, team->size());
        std::copy_n(mine[i].data() + part.from + begin, end - begin,
                    copies_[i].data() + part.to + begin);
      }
    }
  });
}

void RootGather::Poll() {
  if (!done_) done_ = messages_.Done();
}

void RootGather::Finish() {
  if (done_) return;
  const ScopedWaiting waiting(Waiting::kPolling);
  while (!done_) {
    Poll();
    Status().Poll();
  }
}

std::span<float> RootGather::whole(std::size_t array) {
  return comm_.rank() == 0 ? copies_[array].span() : std::span<float>();
}

std::span<const float> RootGather::whole(std::size_t array) const {
  return comm_.rank() == 0 ? copies_[array].span() : std::span<const float>();
}

}  // namespace lockstep
