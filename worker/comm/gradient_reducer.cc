#include "worker/comm/gradient_reducer.h"

#include <algorithm>

#include "base/error.h"
#include "base/rank_status.h"

namespace lockstep {
namespace {

// Replicated pieces whose finished sums travel at once: enough to keep a link busy between two
// polls, few enough that they do not hold up gradients that somebody waits for.
constexpr int kMostReplicating = 2;

std::vector<TreeNode> NodesOf(Index slots, int rank, int ranks) {
  return CompleteSubtrees(slots, DealSlots(slots, rank, ranks));
}

std::vector<TreeNode> AllNodes(Index slots, int ranks) {
  std::vector<TreeNode> all;
  for (int r = 0; r < ranks; ++r) {
    for (TreeNode node : NodesOf(slots, r, ranks)) all.push_back(node);
  }
  return all;
}

int SumTag(std::size_t piece) { return static_cast<int>(3 * piece); }
int ReplicaTag(std::size_t piece) { return static_cast<int>(3 * piece + 1); }

std::span<float> Part(float* flat, const ElementRange& range) {
  return {flat + range.begin, static_cast<std::size_t>(range.count())};
}

}  // namespace

GradientReducer::GradientReducer(const Communicator& comm, Index slots, const PiecePlan& plan)
    : comm_(comm),
      plan_(plan),
      nodes_(AllNodes(slots, comm.size())),
      subtree_sum_(slots, nodes_),
      states_(plan.pieces().size()),
      block_squares_(static_cast<std::size_t>(RoundUp(plan.count(), plan.grain()) / plan.grain())) {
  arrived_.reserve(states_.size());
  first_of_.push_back(0);
  for (int r = 0; r < comm.size(); ++r) {
    first_of_.push_back(first_of_.back() + NodesOf(slots, r, comm.size()).size());
  }
  Index elements = 0;
  for (std::size_t piece = 0; piece < states_.size(); ++piece) elements += Own(piece).count();
  const std::size_t me = static_cast<std::size_t>(comm.rank());
  const std::size_t own_nodes = first_of_[me + 1] - first_of_[me];
  received_ = AlignedBuffer<float>(elements * static_cast<Index>(nodes_.size() - own_nodes));
  float* next = received_.data();
  for (std::size_t piece = 0; piece < states_.size(); ++piece) {
    states_[piece].parts.resize(nodes_.size());
    for (std::size_t node = 0; node < nodes_.size(); ++node) {
      if (node >= first_of_[me] && node < first_of_[me + 1]) continue;
      states_[piece].parts[node] = next;
      next += Own(piece).count();
    }
  }
}

void GradientReducer::Begin(const std::vector<float*>& subtrees) {
  const std::size_t first = first_of_[static_cast<std::size_t>(comm_.rank())];
  LOCKSTEP_CHECK_EQ(subtrees.size(), first_of_[static_cast<std::size_t>(comm_.rank()) + 1] - first);
  LOCKSTEP_CHECK(All(State::kDone));
  subtrees_ = subtrees;
  replicas_begun_ = 0;
  for (std::size_t piece = 0; piece < states_.size(); ++piece) {
    states_[piece].state = State::kWaiting;
    for (std::size_t k = 0; k < subtrees.size(); ++k) {
      states_[piece].parts[first + k] = subtrees[k] + Own(piece).begin;
    }
    PostArrivals(piece);
  }
}

// A rank that is ahead can send at once.
void GradientReducer::PostArrivals(std::size_t piece) {
  PieceState& state = states_[piece];
  const std::size_t count = static_cast<std::size_t>(Own(piece).count());
  for (int d = 1; d < comm_.size(); ++d) {
    const int r = PartnerToReceiveFrom(comm_.rank(), comm_.size(), d);
    for (std::size_t k = first_of_[static_cast<std::size_t>(r)];
         k < first_of_[static_cast<std::size_t>(r) + 1]; ++k) {
      state.arrivals.Receive({state.parts[k], count}, r, SumTag(piece));
    }
  }
}

void GradientReducer::Start(std::size_t piece) {
  PieceState& state = states_[piece];
  LOCKSTEP_CHECK(state.state == State::kWaiting);
  state.state = State::kExchanging;
  for (int d = 1; d < comm_.size(); ++d) {
    const int r = PartnerToSendTo(comm_.rank(), comm_.size(), d);
    for (float* subtree : subtrees_) {
      state.departures.Send(Part(subtree, plan_.pieces()[piece].OwnedBy(r)), r, SumTag(piece));
    }
  }
}

void GradientReducer::Advance(std::size_t piece) {
  PieceState& state = states_[piece];
  const bool replicated = plan_.pieces()[piece].replicated;
  const bool arrived = state.arrivals.Done();  // before this rank starts, too: others may be ahead
  const bool departed = state.departures.Done();
  if (state.state == State::kExchanging && arrived) state.state = State::kArrived;
  if (state.state == State::kSummed && departed) {
    if (!replicated) state.state = State::kDone;
    if (replicated && MayReplicate(piece)) Replicate(piece);
  }
  if (state.state == State::kReplicating && state.arrivals.Done() && state.departures.Done()) {
    state.state = State::kDone;
    --replicating_;
  }
}

// Replicated pieces are the first ones in the order of finishing. They go in that order and no
// other: if each rank took those that happen to be summed, ranks could wait for each other's for
// ever.
bool GradientReducer::MayReplicate(std::size_t piece) const {
  return replicating_ < kMostReplicating && plan_.finish_order()[replicas_begun_] == piece;
}

// The finished sums come into the array of this rank's first subtree, whose other segments have
// been sent.
void GradientReducer::Replicate(std::size_t piece) {
  PieceState& state = states_[piece];
  state.state = State::kReplicating;
  ++replicating_;
  ++replicas_begun_;
  for (int d = 1; d < comm_.size(); ++d) {
    const int r = PartnerToReceiveFrom(comm_.rank(), comm_.size(), d);
    const ElementRange theirs = plan_.pieces()[piece].OwnedBy(r);
    state.arrivals.Receive(Part(subtrees_[0], theirs), r, ReplicaTag(piece));
  }
  for (int d = 1; d < comm_.size(); ++d) {
    const int r = PartnerToSendTo(comm_.rank(), comm_.size(), d);
    state.departures.Send(Part(subtrees_[0], Own(piece)), r, ReplicaTag(piece));
  }
}

void GradientReducer::Progress() {
  for (std::size_t piece : plan_.finish_order()) {
    if (states_[piece].state != State::kDone) Advance(piece);
  }
}

void GradientReducer::Poll() {
  if (comm_.size() == 1) return;  // there is only the adding, which is for the whole team
  Progress();
  AddUpArrived(nullptr);
}

// The caller may block in a collective next, so nothing may be left that only a poll would start.
void GradientReducer::FinishSums(ThreadTeam* team) {
  const ScopedWaiting waiting(Waiting::kPolling);
  do {
    Status().Poll();
    Progress();
    AddUpArrived(team);
  } while (!All(State::kSummed) || !AllSumsUnderWay());
}

void GradientReducer::FinishReplicas() {
  const ScopedWaiting waiting(Waiting::kPolling);
  while (!ReplicasDone()) Status().Poll();
}

bool GradientReducer::ReplicasDone() {
  Progress();
  return All(State::kDone);
}

void GradientReducer::AddUpArrived(ThreadTeam* team) {
  arrived_.clear();
  for (std::size_t piece : plan_.finish_order()) {
    if (states_[piece].state == State::kArrived) arrived_.push_back(piece);
  }
  if (arrived_.empty()) return;
  const auto add = [&](int member, int members) {
    for (std::size_t piece : arrived_) AddUp(piece, member, members);
  };
  if (team == nullptr) {
    add(0, 1);
  } else {
    team->Run([&](int member) { add(member, team->size()); });
  }
  for (std::size_t piece : arrived_) states_[piece].state = State::kSummed;
}

// One member's blocks of this rank's segment.
void GradientReducer::AddUp(std::size_t piece, int member, int members) {
  const ElementRange own = Own(piece);
  const auto border = [&](Index which) {
    return SegmentBorder(own.count(), plan_.grain(), which, members);
  };
  for (Index i = border(member); i < border(member + 1); i += plan_.grain()) {
    const Index end = std::min(i + plan_.grain(), border(member + 1));
    float* const sum = subtrees_[0] + own.begin;
    subtree_sum_.Add(i, end, states_[piece].parts, sum);
    block_squares_[static_cast<std::size_t>((own.begin + i) / plan_.grain())] =
        BlockSquares(sum + i, end - i);
  }
}

bool GradientReducer::AllSumsUnderWay() const {
  return std::all_of(states_.begin(), states_.end(), [](const PieceState& piece) {
    return piece.state == State::kReplicating || piece.departures.AllUnderWay();
  });
}

bool GradientReducer::All(State at_least) const {
  return std::all_of(states_.begin(), states_.end(),
                     [&](const PieceState& piece) { return piece.state >= at_least; });
}

void GradientReducer::Reduce(const std::vector<float*>& subtrees, ThreadTeam* team) {
  Begin(subtrees);
  for (std::size_t piece : plan_.finish_order()) Start(piece);
  FinishSums(team);
  FinishReplicas();
}

Index GradientReducer::bytes() const {
  return received_.size() * static_cast<Index>(sizeof(float)) +
         static_cast<Index>(block_squares_.size() * sizeof(double));
}

}  // namespace lockstep
