// Loss and accuracy of a whole split. The batches and the order of all sums are those of one rank,
// so the figures are the same for any number of ranks and threads.
#pragma once

#include <string>

#include "data/batch_stream.h"
#include "worker/worker.h"

namespace lockstep {

struct Evaluation {
  double loss = 0;      // mean over targets, nats
  double accuracy = 0;  // share of targets whose class is right
  Index targets = 0;
  Index correct = 0;
  Index sequences = 0;
  double seconds = 0;
};

// Collective. `stream` is that of training; EvaluationStream makes its own of it.
Evaluation Evaluate(const std::string& corpus_folder, const CorpusInfo& corpus,
                    const std::string& split, const StreamOptions& stream, const float* values,
                    Worker* worker);

}  // namespace lockstep
