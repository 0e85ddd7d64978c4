#include "worker/comm/piece_parts.h"

#include <algorithm>

#include "base/error.h"
#include "worker/comm/member_blocks.h"

namespace lockstep {
namespace {

Index ReceivedFloats(const HostRoutes& routes, const SumLevels& levels, const PiecePlan& plan) {
  const auto from_others = [](std::size_t parts, Index own) {
    return static_cast<Index>(parts) - own;
  };
  const Index inside =
      from_others(levels.inside().parts(), levels.PartsOfRank(routes.rank()).count());
  const Index between =
      from_others(levels.between().parts(), static_cast<Index>(levels.inside().sums().size()));
  Index floats = 0;
  for (const Piece& piece : plan.pieces()) {
    if (piece.in_groups) continue;
    for (int owner : routes.held()) floats += inside * piece.OwnedBy(owner).count();
    floats += between * piece.OwnedBy(routes.rank()).count();
  }
  return floats;
}

Index SpareFloats(const ElementRange& own_parts, const PiecePlan& plan) {
  return own_parts.count() > 0 ? 0 : plan.count();
}

}  // namespace

PieceParts::PieceParts(const HostRoutes& routes, Index slots, const PiecePlan& plan)
    : routes_(routes),
      plan_(plan),
      levels_(slots, routes),
      own_parts_(levels_.PartsOfRank(routes.rank())),
      pieces_(plan.pieces().size()),
      received_(ReceivedFloats(routes, levels_, plan)),
      spare_(SpareFloats(own_parts_, plan)),
      block_squares_(static_cast<std::size_t>(RoundUp(plan.count(), plan.grain()) / plan.grain())) {
  PlaceReceived();
}

Index PieceParts::ReceivedBytes(const HostRoutes& routes, Index slots, const PiecePlan& plan) {
  const SumLevels levels(slots, routes);
  const Index floats =
      ReceivedFloats(routes, levels, plan) + SpareFloats(levels.PartsOfRank(routes.rank()), plan);
  return floats * static_cast<Index>(sizeof(float));
}

// Gives each part that others bring its memory.
void PieceParts::PlaceReceived() {
  const std::vector<std::size_t>& of_this_host = levels_.PartsOfHost(routes_.host());
  float* next = received_.data();
  for (std::size_t piece = 0; piece < pieces_.size(); ++piece) {
    if (plan_.pieces()[piece].in_groups) continue;
    for (int owner : routes_.held()) {
      std::vector<float*>& parts = pieces_[piece].inside.emplace_back(levels_.inside().parts());
      for (Index part = 0; part < static_cast<Index>(parts.size()); ++part) {
        if (part >= own_parts_.begin && part < own_parts_.end) continue;
        parts[static_cast<std::size_t>(part)] = next;
        next += Segment(piece, owner).count();
      }
    }
    pieces_[piece].between.resize(levels_.between().parts());
    for (std::size_t part = 0; part < pieces_[piece].between.size(); ++part) {
      if (std::find(of_this_host.begin(), of_this_host.end(), part) != of_this_host.end()) continue;
      pieces_[piece].between[part] = next;
      next += Own(piece).count();
    }
  }
}

void PieceParts::PlaceOwn(const std::vector<float*>& subtrees) {
  LOCKSTEP_CHECK_EQ(static_cast<Index>(subtrees.size()), own_parts_.count());
  subtrees_ = subtrees;
  for (std::size_t piece = 0; piece < pieces_.size(); ++piece) {
    if (!plan_.pieces()[piece].in_groups) PlaceOwnOf(piece);
  }
}

// The parts that this rank brings, and those that its host does.
void PieceParts::PlaceOwnOf(std::size_t piece) {
  Parts& of_piece = pieces_[piece];
  const std::size_t first = static_cast<std::size_t>(own_parts_.begin);
  for (int owner : routes_.held()) {
    std::vector<float*>& parts = of_piece.inside[routes_.PlaceInHeld(owner)];
    for (std::size_t k = 0; k < subtrees_.size(); ++k) {
      parts[first + k] = subtrees_[k] + Segment(piece, owner).begin;
    }
  }
  const std::vector<float*>& own = of_piece.inside[routes_.PlaceInHeld(routes_.rank())];
  const std::vector<std::size_t>& of_host = levels_.PartsOfHost(routes_.host());
  for (std::size_t k = 0; k < of_host.size(); ++k) {
    of_piece.between[of_host[k]] = own[levels_.inside().sums()[k].part];
  }
}

// One member's blocks of each segment whose owner this rank stands for on its host.
void PieceParts::AddInside(std::size_t piece, int member, int members) {
  for (int owner : routes_.held()) {
    const std::vector<float*>& parts = Inside(piece, owner);
    ForBlocks(Segment(piece, owner).count(), plan_.grain(), member, members,
              [&](Index begin, Index end) { levels_.inside().Add(begin, end, parts); });
  }
}

// One member's blocks of this rank's segment.
void PieceParts::AddBetween(std::size_t piece, int member, int members) {
  const ElementRange own = Own(piece);
  const std::vector<float*>& parts = pieces_[piece].between;
  const float* const root = parts[levels_.between().sums()[0].part];
  float* const sum = this->sum() + own.begin;
  ForBlocks(own.count(), plan_.grain(), member, members, [&](Index begin, Index end) {
    levels_.between().Add(begin, end, parts);
    block_squares_[static_cast<std::size_t>((own.begin + begin) / plan_.grain())] =
        FinishBlock(root + begin, end - begin, sum + begin);
  });
}

Index PieceParts::bytes() const {
  return (received_.size() + spare_.size()) * static_cast<Index>(sizeof(float)) +
         static_cast<Index>(block_squares_.size() * sizeof(double));
}

}  // namespace lockstep
