#include "trainer/memory_bound.h"

#include <fmt/format.h>

#include <algorithm>

#include "checkpoint/checkpoint_file.h"
#include "trainer/checkpointer.h"

namespace lockstep {
namespace {

// What comes after the first step is small and not in our hands: buffers of products by their size
// (oneDNN's, one a thread), of MPI's first exchanges, of text. Measured on 1 to 4 threads and
// ranks.
constexpr Index kLaterBytes = Index{2} << 20;
constexpr Index kMostProductBytes = Index{5} << 20;

Index StreamBytesOf(const CorpusInfo& corpus, const std::string& split, StreamOptions options,
                    SlotRange range) {
  const auto found = corpus.splits.find(split);
  return found == corpus.splits.end() ? 0 : StreamBytes(corpus, found->second, options, range);
}

}  // namespace

MemoryBound BoundMemory(Index resident, Index step, const ParameterLayout& layout,
                        const CorpusInfo& corpus, const TrainerOptions& options, SlotRange range) {
  MemoryBound bound;
  bound.step = step;
  bound.values = layout.size() * static_cast<Index>(sizeof(float));
  const Index products = std::min(step / 8, options.threads * kMostProductBytes);
  bound.program = resident - bound.step - bound.values + products + kLaterBytes;
  StreamOptions validation;
  validation.plan = options.stream.plan;
  bound.data = StreamBytesOf(corpus, "train", options.stream, range) +
               StreamBytesOf(corpus, options.validation.split, validation, range);
  bound.saving = Checkpointer::Bytes(layout, options.optimizer);
  return bound;
}

void WarmUpLibraries(const Communicator& comm, const float* values, Worker* worker) {
  worker->WarmUp(values);
  if (comm.rank() == 0) BuildCheckpoint("{}", {});
}

std::string Describe(const MemoryBound& bound) {
  const auto mib = [](Index bytes) { return static_cast<double>(bytes) / (1 << 20); };
  return fmt::format(
      "memory: at most {:.0f} MiB on rank 0 (program {:.0f}, activations, gradients and moments "
      "{:.0f}, parameters {:.0f}, data {:.0f}, saving {:.0f}), whatever the size of the corpus",
      mib(bound.total()), mib(bound.program), mib(bound.step), mib(bound.values), mib(bound.data),
      mib(bound.saving));
}

}  // namespace lockstep
