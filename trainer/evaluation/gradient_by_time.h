// Computes how large the gradient of the loss is at the states of each recurrent layer, by the
// distance in time from the loss to the state (worker/layers/gradient_trace.h), for one global
// batch. The pass is one of its own, so that training keeps its bits and pays nothing between.
//
// The figure of a distance is the root of the mean, over the sequences of the batch that are so
// long, of |dL_b / dh_t|^2, where L_b is the summed loss of the sequence. Sums are added over
// sequences in their order, and over slots in the order of the reduction tree, in double: the
// result is the same for any number of ranks and threads.
#pragma once

#include <vector>

#include "worker/layers/encoder.h"
#include "worker/layers/gradient_trace.h"
#include "worker/worker.h"

namespace lockstep {

struct GradientByTime {
  std::vector<Index> distances;
  std::vector<Index> sequences;  // by distance: how many have a state there
  struct Series {
    Index layer = 0;
    bool reverse = false;
    std::vector<double> hidden;  // by distance
    std::vector<double> memory;  // by distance; LSTM only
  };
  std::vector<Series> series;
};

class GradientTracer {
 public:
  // Takes its memory: for each slot two numbers per distance and series. `steps` is a bound of the
  // steps of a sequence. `comm` must outlive it.
  GradientTracer(const Communicator& comm, const EncoderOptions& encoder, Index slots, Index steps);
  GradientTracer(const GradientTracer&) = delete;  // traces point at the distances
  GradientTracer& operator=(const GradientTracer&) = delete;

  // Collective. Runs forward and backward of `batch` once more, with the dropout masks of `step`
  // and the parameters `values`, which must be complete, and changes nothing. No step may run. If
  // states are carried from part to part, those of the last ForwardBackward are started from, and
  // no gradient goes beyond the part. The reverse direction is left out where each step has its own
  // target, since distances are then counted from the last target.
  GradientByTime Run(const RankBatch& batch, Index step, const float* values, Worker* worker);

 private:
  std::vector<double> SumOverSlots();

  const Communicator& comm_;
  Index layers_, directions_, slots_;
  bool has_memory_;
  TimeDistances distances_;
  std::vector<GradientTrace> traces_;  // one per slot of this rank
  Segments segments_;                  // the sums of each rank's slots in all_
  std::vector<double> mine_, all_;
};

}  // namespace lockstep
