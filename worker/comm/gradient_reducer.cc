#include "worker/comm/gradient_reducer.h"

#include <algorithm>

#include "base/error.h"
#include "base/rank_status.h"

namespace lockstep {
namespace {

// Replicated pieces whose finished sums travel at once: enough to keep a link busy between two
// polls, few enough that they do not hold up gradients that somebody waits for.
constexpr int kMostReplicating = 2;

int SumTag(std::size_t piece) { return static_cast<int>(3 * piece); }
int ReplicaTag(std::size_t piece) { return static_cast<int>(3 * piece + 1); }

Index LongestSparseSegment(const PiecePlan& plan, int ranks) {
  Index longest = 0;
  for (const Piece& piece : plan.pieces()) {
    if (!piece.sparse) continue;
    for (int rank = 0; rank < ranks; ++rank) {
      longest = std::max(longest, piece.OwnedBy(rank).count());
    }
  }
  return longest;
}

std::span<float> Part(float* flat, const ElementRange& range) {
  return {flat + range.begin, static_cast<std::size_t>(range.count())};
}

}  // namespace

GradientReducer::GradientReducer(const HostRoutes& routes, Index slots, const PiecePlan& plan)
    : routes_(routes),
      plan_(plan),
      parts_(routes, slots, plan),
      zero_blocks_(LongestSparseSegment(plan, routes.ranks())),
      states_(plan.pieces().size()) {
  arrived_.reserve(states_.size());
  for (std::size_t piece = 0; piece < states_.size(); ++piece) {
    const Piece& planned = plan_.pieces()[piece];
    if (planned.in_groups)
      states_[piece].groups.emplace(plan_, planned, routes_.rank(), slots, SumTag(piece));
    if (planned.replicated) states_[piece].replicas.emplace(routes_, plan_, planned);
    if (planned.sparse) states_[piece].packed.reserve(parts_.levels().between().parts());
  }
}

void GradientReducer::Begin(const std::vector<float*>& subtrees) {
  LOCKSTEP_CHECK(All(State::kDone));
  subtrees_ = subtrees;
  parts_.PlaceOwn(subtrees);
  replicas_begun_ = 0;
  for (std::size_t piece = 0; piece < states_.size(); ++piece) {
    PieceState& state = states_[piece];
    state.state = State::kWaiting;
    if (state.groups) {
      state.groups->Begin(subtrees, parts_.sum(), parts_.block_squares());
    } else {
      PostArrivals(piece);
    }
  }
}

// A rank that is ahead can send at once.
void GradientReducer::PostArrivals(std::size_t piece) {
  PieceState& state = states_[piece];
  for (const auto& [from, owner] : routes_.sums_inside().receives) {
    const std::vector<float*>& parts = parts_.Inside(piece, owner);
    const ElementRange theirs = parts_.levels().PartsOfRank(from);
    const std::size_t count = static_cast<std::size_t>(parts_.Segment(piece, owner).count());
    for (Index part = theirs.begin; part < theirs.end; ++part) {
      state.inside.Receive({parts[static_cast<std::size_t>(part)], count}, from, SumTag(piece));
    }
  }
  state.packed.clear();
  for (const auto& [from, owner] : routes_.sums_between().receives) {
    for (std::size_t part : parts_.levels().PartsOfHost(routes_.HostOf(from))) {
      ReceiveBetween(piece, parts_.Between(piece)[part], from);
    }
  }
}

void GradientReducer::ReceiveBetween(std::size_t piece, float* part, int from) {
  PieceState& state = states_[piece];
  const std::span<float> values(part, static_cast<std::size_t>(parts_.Own(piece).count()));
  Index* received = nullptr;
  if (plan_.pieces()[piece].sparse) {
    state.packed.push_back({values});
    received = &state.packed.back().received;
  }
  state.between.Receive(values, from, SumTag(piece), received);
}

void GradientReducer::Start(std::size_t piece) {
  PieceState& state = states_[piece];
  LOCKSTEP_CHECK(state.state == State::kWaiting);
  if (state.groups) {
    state.state = state.groups->Start() ? State::kSummed : State::kBetween;
    return;
  }
  state.state = State::kInside;
  for (const auto& [to, owner] : routes_.sums_inside().sends) {
    for (float* subtree : subtrees_) {
      state.departures.Send(Part(subtree, parts_.Segment(piece, owner)), to, SumTag(piece));
    }
  }
  if (routes_.sums_inside().sends.empty()) SendBetween(piece);
}

// What is left of this host goes to the owners elsewhere.
void GradientReducer::SendBetween(std::size_t piece) {
  PieceState& state = states_[piece];
  state.state = State::kBetween;
  for (const auto& [to, owner] : routes_.sums_between().sends) {
    const std::size_t count = static_cast<std::size_t>(parts_.Segment(piece, owner).count());
    const std::vector<float*>& parts = parts_.Inside(piece, owner);
    for (const SubtreeSum::Sum& sum : parts_.levels().inside().sums()) {
      std::span<float> values(parts[sum.part], count);
      if (plan_.pieces()[piece].sparse)
        values = values.first(static_cast<std::size_t>(zero_blocks_.Pack(values)));
      state.departures.Send(values, to, SumTag(piece));
    }
  }
}

void GradientReducer::UnpackBetween(std::size_t piece) {
  for (const Packed& packed : states_[piece].packed) {
    if (!packed.values.empty()) zero_blocks_.Unpack(packed.values, packed.received);
  }
}

void GradientReducer::Advance(std::size_t piece) {
  PieceState& state = states_[piece];
  if (state.groups) {
    AdvanceInGroups(piece);
  } else {
    AdvanceDirect(piece);
  }
  const bool departed = state.groups ? state.groups->Left() : state.departures.Done();
  if (state.state == State::kSummed && departed) {
    const bool replicated = plan_.pieces()[piece].replicated;
    if (!replicated) state.state = State::kDone;
    if (replicated && MayReplicate(piece)) Replicate(piece);
  }
  if (state.state == State::kReplicating) AdvanceReplicas(piece);
}

// Messages arrive before this rank starts, too: others may be ahead.
void GradientReducer::AdvanceDirect(std::size_t piece) {
  PieceState& state = states_[piece];
  const bool inside = state.inside.Done();
  const bool between = state.between.Done();
  if (state.state == State::kInside && inside) state.state = State::kArrivedInside;
  if (state.state == State::kBetween && between) {
    UnpackBetween(piece);
    state.state = State::kArrived;
  }
}

void GradientReducer::AdvanceInGroups(std::size_t piece) {
  PieceState& state = states_[piece];
  if (state.state > State::kBetween) return;
  const bool arrived = state.groups->Arrived();
  if (state.state == State::kBetween && arrived) state.state = State::kArrived;
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
  state.replicas->Begin(parts_.sum(), ReplicaTag(piece));
  state.replicas->Send();
}

void GradientReducer::AdvanceReplicas(std::size_t piece) {
  SegmentSpread& replicas = *states_[piece].replicas;
  const bool arrived = replicas.Arrived();
  if (!replicas.Left() || !arrived) return;
  states_[piece].state = State::kDone;
  --replicating_;
}

void GradientReducer::Progress() {
  for (std::size_t piece : plan_.finish_order()) {
    if (states_[piece].state != State::kDone) Advance(piece);
  }
}

void GradientReducer::Poll() {
  if (routes_.ranks() == 1) return;  // there is only the adding, which is for the whole team
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
    const State state = states_[piece].state;
    if (state == State::kArrivedInside || state == State::kArrived) arrived_.push_back(piece);
  }
  if (arrived_.empty()) return;
  const auto add = [&](int member, int members) {
    for (std::size_t piece : arrived_) AddUpPiece(piece, member, members);
  };
  if (team == nullptr) {
    add(0, 1);
  } else {
    team->Run([&](int member) { add(member, team->size()); });
  }
  for (std::size_t piece : arrived_) GoOn(piece);
}

// What follows when all members have added.
void GradientReducer::GoOn(std::size_t piece) {
  PieceState& state = states_[piece];
  if (state.state == State::kArrivedInside) {
    SendBetween(piece);
  } else if (state.groups && !state.groups->GoOn()) {
    state.state = State::kBetween;
  } else {
    state.state = State::kSummed;
  }
}

void GradientReducer::AddUpPiece(std::size_t piece, int member, int members) {
  if (states_[piece].groups) {
    states_[piece].groups->Add(member, members);
  } else if (states_[piece].state == State::kArrived) {
    parts_.AddBetween(piece, member, members);
  } else {
    parts_.AddInside(piece, member, members);
  }
}

bool GradientReducer::AllSumsUnderWay() const {
  return std::all_of(states_.begin(), states_.end(), [](const PieceState& piece) {
    return piece.groups ? piece.groups->AllUnderWay() : piece.departures.AllUnderWay();
  });
}

bool GradientReducer::All(State at_least) const {
  return std::all_of(states_.begin(), states_.end(),
                     [&](const PieceState& piece) { return piece.state >= at_least; });
}

Index GradientReducer::bytes() const {
  Index bytes = parts_.bytes();
  for (const PieceState& state : states_) bytes += state.groups ? state.groups->bytes() : 0;
  return bytes;
}

Index GradientReducer::ReceivedBytes(const HostRoutes& routes, Index slots, const PiecePlan& plan) {
  Index bytes = PieceParts::ReceivedBytes(routes, slots, plan);
  for (const Piece& piece : plan.pieces()) {
    if (piece.in_groups) bytes += GroupSum::ReceivedBytes(plan, piece, routes.rank(), slots);
  }
  return bytes;
}

void GradientReducer::Reduce(const std::vector<float*>& subtrees, ThreadTeam* team) {
  Begin(subtrees);
  for (std::size_t piece : plan_.finish_order()) Start(piece);
  FinishSums(team);
  FinishReplicas();
}

}  // namespace lockstep
