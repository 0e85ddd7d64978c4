#include "worker/comm/piece_plan.h"

#include <algorithm>
#include <numeric>

#include "base/aligned_buffer.h"
#include "base/error.h"

namespace lockstep {
namespace {

// Neighbouring blocks [begin, end) that are complete after the same stage.
struct Run {
  Index begin;
  Index end;
  std::size_t stage;
};

std::vector<std::size_t> StageOfBlocks(const std::vector<ElementRange>& stages, Index blocks,
                                       Index grain) {
  std::vector<std::size_t> stage_of(static_cast<std::size_t>(blocks), 0);
  for (std::size_t s = 0; s < stages.size(); ++s) {
    for (Index b = stages[s].begin / grain; b * grain < stages[s].end; ++b) {
      std::size_t& stage = stage_of[static_cast<std::size_t>(b)];
      stage = std::max(stage, s);
    }
  }
  return stage_of;
}

std::vector<Run> RunsOf(const std::vector<std::size_t>& stage_of) {
  std::vector<Run> runs;
  for (std::size_t b = 0; b < stage_of.size(); ++b) {
    const Index block = static_cast<Index>(b);
    if (runs.empty() || runs.back().stage != stage_of[b]) {
      runs.push_back({block, block, stage_of[b]});
    }
    runs.back().end = block + 1;
  }
  return runs;
}

// The stage that a small run waits for so that it can join a neighbour: of the neighbours that are
// finished later than the run, the stage of the earlier one. Its own stage if no neighbour is
// later.
std::size_t LaterStage(const std::vector<Run>& runs, std::size_t which) {
  const std::size_t own = runs[which].stage;
  std::size_t later = own;
  const auto offer = [&](const Run& neighbour) {
    if (neighbour.stage > own && (later == own || neighbour.stage < later)) later = neighbour.stage;
  };
  if (which > 0) offer(runs[which - 1]);
  if (which + 1 < runs.size()) offer(runs[which + 1]);
  return later;
}

// Joins each run of fewer than `least_blocks` blocks to a neighbour that is finished later. Every
// change raises the stage of some blocks, so the loop ends.
void JoinSmallRuns(Index least_blocks, std::vector<std::size_t>* stage_of) {
  for (bool changed = true; changed;) {
    changed = false;
    const std::vector<Run> runs = RunsOf(*stage_of);
    for (std::size_t i = 0; i < runs.size() && !changed; ++i) {
      const std::size_t stage = LaterStage(runs, i);
      if (runs[i].end - runs[i].begin >= least_blocks || stage == runs[i].stage) continue;
      std::fill(stage_of->begin() + runs[i].begin, stage_of->begin() + runs[i].end, stage);
      changed = true;
    }
  }
}

std::vector<ElementRange> Divide(const ElementRange& range, Index grain, int ranks) {
  const auto border = [&](int rank) {
    return range.begin + SegmentBorder(range.count(), grain, rank, ranks);
  };
  std::vector<ElementRange> segments;
  for (int r = 0; r < ranks; ++r) segments.push_back({border(r), border(r + 1)});
  return segments;
}

// When pieces are exchanged in groups; the table in docs/performance.md shows why.
constexpr int kManyRanks = 64;
constexpr Index kSmallSegment = Index{1} << 12;

// The least number of elements in one rank's segment of a piece.
Index LeastPerRank(int ranks, int ranks_per_host) {
  constexpr int kFewRanks = 16;
  if (ranks == ranks_per_host) return Index{1} << 16;
  return Index{1} << (ranks > kFewRanks ? 14 : 13);
}

}  // namespace

PieceOptions PiecesFor(int ranks, int ranks_per_host, Index grain, double replicated_share) {
  PieceOptions options{.grain = grain, .replicated_share = replicated_share};
  if (ranks > 1) options.least = LeastPerRank(ranks, ranks_per_host) * ranks;
  if (ranks < kManyRanks || ranks_per_host == 0) return options;
  options.in_groups_below = kSmallSegment;
  options.ranks_per_host = ranks_per_host;
  return options;
}

PiecePlan::PiecePlan(const std::vector<ElementRange>& stages, Index count, int ranks,
                     const PieceOptions& options)
    : count_(count),
      grain_(options.grain),
      ranks_(ranks),
      groups_(ranks, options.ranks_per_host, options.group_members) {
  const Index blocks = RoundUp(count, grain_) / grain_;
  std::vector<std::size_t> stage_of = StageOfBlocks(stages, blocks, grain_);
  JoinSmallRuns(RoundUp(options.least, grain_) / grain_, &stage_of);
  // A large model gets at least about 16 pieces: no computation hides the messages of the first and
  // the last piece, so these must be a small part of the whole.
  const Index most =
      std::max(options.least, std::min(count / 16, options.most_per_rank * ranks)) / grain_;
  for (const Run& run : RunsOf(stage_of)) {
    AddPieces({run.begin, run.end}, run.stage, std::max<Index>(1, most));
  }
  finish_order_.resize(pieces_.size());
  std::iota(finish_order_.begin(), finish_order_.end(), std::size_t{0});
  std::stable_sort(finish_order_.begin(), finish_order_.end(), [&](std::size_t a, std::size_t b) {
    return pieces_[a].stage < pieces_[b].stage;
  });
  Replicate(ranks > 1 ? options.replicated_share : 0);
  for (Piece& piece : pieces_) {
    if (ranks > 1 && piece.range.count() < options.in_groups_below * ranks) DivideInGroups(&piece);
    piece.sparse = !piece.in_groups && piece.range.begin >= options.sparse.begin &&
                   piece.range.end <= options.sparse.end;
  }
}

// Cuts a run of blocks into equal pieces.
void PiecePlan::AddPieces(const ElementRange& blocks, std::size_t stage, Index most_blocks) {
  const Index parts = RoundUp(blocks.count(), most_blocks) / most_blocks;
  const auto border = [&](Index part) {
    return std::min(count_, (blocks.begin + blocks.count() * part / parts) * grain_);
  };
  for (Index i = 0; i < parts; ++i) {
    const ElementRange range{border(i), border(i + 1)};
    pieces_.push_back({range, stage, false, false, false, Divide(range, grain_, ranks_)});
  }
}

// Ranks that leave their groups own nothing.
void PiecePlan::DivideInGroups(Piece* piece) const {
  piece->in_groups = true;
  for (int r = 0; r < ranks_; ++r) {
    const std::optional<Index> segment = groups_.SegmentOf(r);
    ElementRange& owned = piece->segments[static_cast<std::size_t>(r)];
    owned = {piece->range.end, piece->range.end};
    if (segment) owned = groups_.Elements(piece->range, grain_, *segment, *segment + 1);
  }
}

void PiecePlan::Replicate(double share) {
  const double most = share * static_cast<double>(count_);
  Index sum = 0;
  for (std::size_t which : finish_order_) {
    sum += pieces_[which].range.count();
    if (static_cast<double>(sum) > most) return;
    pieces_[which].replicated = true;
  }
}

std::vector<ElementRange> PiecePlan::UpdatedBy(int rank) const {
  std::vector<ElementRange> ranges;
  for (const Piece& piece : pieces_) ranges.push_back(piece.UpdatedBy(rank));
  return ranges;
}

}  // namespace lockstep
