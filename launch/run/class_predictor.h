// Names the class of sequences of ids that are in no corpus: lines of text, records of a file. On
// any number of ranks and threads.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "launch/run/trained_model.h"
#include "worker/comm/communicator.h"

namespace lockstep {

struct PredictedClass {
  std::string name;
  double probability = 0;  // of this class, by softmax
};

// A sequence, and what it is written with: its line or its name.
struct ClassInput {
  std::string text;
  std::vector<std::int32_t> ids;  // at least one
};

// Where sequences come from and go to; rank 0 calls these, in order.
struct ClassPrediction {
  std::function<bool(ClassInput* input)> next;  // false at the end
  std::function<void(const std::string& text, const PredictedClass& found)> write;
  std::function<double()> share_read;  // of the input, from 0 to 1, for progress
  // For input that comes through a pipe (OrderedJob); may be empty.
  std::function<bool()> may_wait;  // whether `next` would wait
  std::function<void()> flush;     // gives out what was written
};

// Collective. Names the class of every sequence. `corpus` is that of the run and passed
// RequireClassPerSequence.
void PredictClasses(const Communicator& comm, const TrainedModel& trained, const CorpusInfo& corpus,
                    int threads, const ClassPrediction& prediction);

// Throws UsageError naming the run and `option` where the corpus of the run has no class per
// sequence of ids, which are made of `things`.
void RequireClassPerSequence(const std::string& option, const std::string& run,
                             const CorpusInfo& corpus, const std::string& things);

}  // namespace lockstep
