// One global norm over the whole averaged gradient, and what clipping makes of it (Pascanu et al.
// 2013).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "worker/comm/piece_plan.h"

namespace lockstep {

enum class ClipMode { kOff, kFixed, kAdaptive };
std::string ClipModeName(ClipMode mode);
ClipMode ClipModeFromName(const std::string& name);

struct ClipOptions {
  ClipMode mode = ClipMode::kFixed;
  double max_norm = 1.0;  // fixed: bound; adaptive: bound until enough norms are known
  // Adaptive: the bound is this quantile of the norms of the last `window` steps, as they were
  // before clipping (Seetharaman et al. 2020, arXiv:2007.14469).
  double quantile = 0.9;
  Index window = 1000;
};

class GradientClip {
 public:
  explicit GradientClip(const ClipOptions& options) : options_(options) {}

  // Factor for a gradient of this norm: 1, or bound / norm. Remembers the norm.
  double Factor(double norm);

  // The norms that adaptive clipping remembers, oldest first.
  const std::vector<double>& history() const { return history_; }
  void SetHistory(std::vector<double> history) { history_ = std::move(history); }

 private:
  double Bound() const;
  ClipOptions options_;
  std::vector<double> history_;
};

// Adds sums of squares over ranks: each knows those of the blocks that it owns.
class GlobalNorm {
 public:
  GlobalNorm(const Communicator& comm, const PiecePlan& plan);

  // Collective. block_squares[i] of block i of the flat array, read where this rank owns it. The
  // sum over all blocks in ascending order: the same bits for any plan.
  double SumOfSquares(std::span<const double> block_squares);

 private:
  const Communicator& comm_;
  std::vector<std::size_t> blocks_;  // of all ranks, in the order of the message
  Segments segments_{{0}};
  std::vector<double> mine_, all_, ordered_;
};

}  // namespace lockstep
