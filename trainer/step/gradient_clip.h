// Gradient clipping by the global norm, which is taken over the whole mean gradient (Pascanu et al.
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
  double max_norm = 1.0;  // kFixed: the bound; kAdaptive: the bound until enough norms are known
  // kAdaptive: the bound is this quantile of the norms of the last `window` steps before clipping
  // (Seetharaman et al. 2020, arXiv:2007.14469).
  double quantile = 0.9;
  Index window = 1000;
};

class GradientClip {
 public:
  explicit GradientClip(const ClipOptions& options) : options_(options) {}

  // The factor by which a gradient with this norm must be multiplied: 1, or bound / norm if that is
  // less. Remembers the norm.
  double Factor(double norm);

  // The norms that adaptive clipping remembers, oldest first.
  const std::vector<double>& history() const { return history_; }
  void SetHistory(std::vector<double> history) { history_ = std::move(history); }

 private:
  double Bound() const;
  ClipOptions options_;
  std::vector<double> history_;
};

// Adds the sums of squares of all blocks, each of which is known only to the rank that owns it.
class GlobalNorm {
 public:
  GlobalNorm(const Communicator& comm, const PiecePlan& plan);

  // Collective. block_squares[i] is the sum of squares of block i of the flat array; only entries
  // of blocks that this rank owns are read. Returns the sum over all blocks, added in ascending
  // order, so that it has the same bits for any plan and number of ranks.
  double SumOfSquares(std::span<const double> block_squares);

 private:
  const Communicator& comm_;
  std::vector<std::size_t> blocks_;  // indices of all blocks, in the order in which ranks send them
  Segments segments_{{0}};
  std::vector<double> mine_, all_, ordered_;
};

}  // namespace lockstep
