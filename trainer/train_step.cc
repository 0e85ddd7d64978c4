#include "trainer/train_step.h"

#include <cmath>

#include "base/phase_timer.h"

namespace lockstep {

TrainStep::TrainStep(const Communicator& comm, const Tagger<float>& model,
                     const WorkerOptions& worker, const OptimizerOptions& optimizer,
                     const ClipOptions& clip)
    : comm_(comm),
      worker_(model, comm, worker),
      reducer_(comm, worker.slots, model.layout().size(), kBlockElements),
      optimizer_(optimizer, model.layout(), reducer_.segments().begin(comm.rank()),
                 reducer_.segments().count(comm.rank())),
      clip_(clip) {}

StepResult TrainStep::Run(const RankBatch& batch, Index step, Index update, double learning_rate,
                          std::span<float> values) {
  StepResult result;
  const std::vector<float*>* subtrees;
  {
    const ScopedSeconds timer(&seconds_.compute);
    subtrees = &worker_.ForwardBackward(batch, step, values.data());
  }
  std::span<float> gradient;
  double squares;
  {
    const ScopedSeconds timer(&seconds_.communicate);
    result.sums = worker_.ReduceSums();
    gradient = reducer_.Reduce(*subtrees, &worker_.team());
    squares = SumOfSquares(comm_, reducer_.segments(), gradient);
  }
  // Sums became means here and only here: one division by the global count.
  const double mean = 1.0 / static_cast<double>(std::max<Index>(1, result.sums.targets));
  result.gradient_norm = std::sqrt(squares) * mean;
  result.skipped = !std::isfinite(result.gradient_norm) || !std::isfinite(result.sums.loss);
  if (result.skipped) return result;
  const double factor = clip_.Factor(result.gradient_norm);
  {
    const ScopedSeconds timer(&seconds_.update);
    optimizer_.Step(learning_rate, update, mean * factor, gradient.data(),
                    values.data() + reducer_.segments().begin(comm_.rank()), &worker_.team());
  }
  const ScopedSeconds timer(&seconds_.communicate);
  comm_.AllGatherInPlace(reducer_.segments(), values.data());
  return result;
}

Index TrainStep::bytes() const {
  Index bytes = worker_.bytes() + reducer_.bytes();
  for (const Optimizer::Moment& moment : optimizer_.moments()) {
    bytes += moment.values.size() * static_cast<Index>(sizeof(float));
  }
  return bytes;
}

}  // namespace lockstep
