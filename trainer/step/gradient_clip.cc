#include "trainer/step/gradient_clip.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"

namespace lockstep {
namespace {

// The number of norms that adaptive clipping needs before it uses their quantile.
constexpr std::size_t kEnoughNorms = 20;

}  // namespace

double GradientClip::Bound() const {
  if (options_.mode == ClipMode::kFixed || history_.size() < kEnoughNorms) return options_.max_norm;
  std::vector<double> sorted = history_;
  const std::size_t rank =
      std::min(sorted.size() - 1,
               static_cast<std::size_t>(options_.quantile * static_cast<double>(sorted.size())));
  std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(rank),
                   sorted.end());
  return sorted[rank];
}

double GradientClip::Factor(double norm) {
  if (options_.mode == ClipMode::kOff) return 1;
  const double bound = Bound();
  if (options_.mode == ClipMode::kAdaptive) {
    history_.push_back(norm);
    if (static_cast<Index>(history_.size()) > options_.window) history_.erase(history_.begin());
  }
  return norm > bound ? bound / norm : 1;
}

GlobalNorm::GlobalNorm(const Communicator& comm, const PiecePlan& plan) : comm_(comm) {
  for (int r = 0; r < comm.size(); ++r) {
    for (const Piece& piece : plan.pieces()) {
      const ElementRange owned = piece.OwnedBy(r);
      for (Index i = owned.begin; i < owned.end; i += plan.grain()) {
        blocks_.push_back(static_cast<std::size_t>(i / plan.grain()));
      }
    }
    segments_.offsets.push_back(static_cast<Index>(blocks_.size()));
  }
  mine_.resize(static_cast<std::size_t>(segments_.count(comm.rank())));
  all_.resize(blocks_.size());
  ordered_.resize(blocks_.size());
}

double GlobalNorm::SumOfSquares(std::span<const double> block_squares) {
  const std::size_t first = static_cast<std::size_t>(segments_.begin(comm_.rank()));
  for (std::size_t i = 0; i < mine_.size(); ++i) mine_[i] = block_squares[blocks_[first + i]];
  comm_.AllGather(mine_, segments_, all_.data());
  for (std::size_t i = 0; i < all_.size(); ++i) ordered_[blocks_[i]] = all_[i];
  return std::accumulate(ordered_.begin(), ordered_.end(), 0.0);
}

}  // namespace lockstep
