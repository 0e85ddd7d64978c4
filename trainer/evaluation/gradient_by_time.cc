#include "trainer/evaluation/gradient_by_time.h"

#include <algorithm>
#include <cmath>

#include "worker/comm/reduction_tree.h"

namespace lockstep {
namespace {

std::vector<double> RootOfMean(std::vector<double> sums, const std::vector<Index>& counts) {
  sums.resize(counts.size());
  for (std::size_t i = 0; i < sums.size(); ++i) {
    sums[i] = std::sqrt(sums[i] / static_cast<double>(counts[i]));
  }
  return sums;
}

}  // namespace

GradientTracer::GradientTracer(const Communicator& comm, const EncoderOptions& encoder, Index slots,
                               Index steps)
    : comm_(comm),
      layers_(encoder.layers),
      directions_(encoder.bidirectional ? 2 : 1),
      slots_(slots),
      has_memory_(HasMemory(encoder.cell)),
      distances_(steps) {
  const Index own = DealSlots(slots, comm.rank(), comm.size()).size();
  const GradientTrace trace(layers_, directions_, has_memory_, &distances_);
  const Index size = static_cast<Index>(trace.sums().size());
  traces_.assign(static_cast<std::size_t>(own), trace);
  for (int r = 0; r <= comm.size(); ++r) {
    const Index first = r < comm.size() ? DealSlots(slots, r, comm.size()).first : slots;
    segments_.offsets.push_back(first * size);
  }
  mine_.assign(static_cast<std::size_t>(own * size), 0);
  all_.assign(static_cast<std::size_t>(slots * size), 0);
}

// Collective. [series, distances] and the counts, added over the slots of all ranks.
std::vector<double> GradientTracer::SumOverSlots() {
  auto to = mine_.begin();
  for (const GradientTrace& trace : traces_) {
    to = std::copy(trace.sums().begin(), trace.sums().end(), to);
  }
  comm_.AllGather(mine_, segments_, all_.data());
  std::vector<double> of_slot(static_cast<std::size_t>(slots_)), sums(all_.size() / of_slot.size());
  for (std::size_t i = 0; i < sums.size(); ++i) {
    for (std::size_t s = 0; s < of_slot.size(); ++s) of_slot[s] = all_[s * sums.size() + i];
    sums[i] = TreeSum(of_slot);
  }
  return sums;
}

GradientByTime GradientTracer::Run(const RankBatch& batch, Index step, const float* values,
                                   Worker* worker) {
  worker->TraceGradients(batch, step, values, traces_);
  const bool forward_only =
      comm_.Max(std::any_of(traces_.begin(), traces_.end(),
                            [](const GradientTrace& trace) { return trace.forward_only(); })) > 0;
  const std::vector<double> sums = SumOverSlots();
  const auto row_size = static_cast<std::ptrdiff_t>(distances_.all().size());
  auto row = sums.begin();
  GradientByTime result;
  for (auto count = sums.end() - row_size; count != sums.end() && *count > 0; ++count) {
    result.sequences.push_back(static_cast<Index>(*count));
  }
  result.distances = distances_.all();
  result.distances.resize(result.sequences.size());
  const auto next = [&] {
    const std::vector<double> of_row(row, row + row_size);
    row += row_size;
    return RootOfMean(of_row, result.sequences);
  };
  for (Index i = 0; i < layers_ * directions_; ++i) {
    GradientByTime::Series series{i / directions_, i % directions_ == 1, next(), {}};
    if (has_memory_) series.memory = next();
    if (!forward_only || !series.reverse) result.series.push_back(std::move(series));
  }
  return result;
}

}  // namespace lockstep
