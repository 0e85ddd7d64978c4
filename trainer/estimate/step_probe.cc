#include "trainer/estimate/step_probe.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "base/phase_timer.h"
#include "base/process_memory.h"
#include "data/stream/batch_stream.h"
#include "data/stream/sample_reads.h"
#include "trainer/estimate/memory_bound.h"
#include "trainer/step/train_step.h"
#include "worker/kernels/elementwise.h"

namespace lockstep {
namespace {

double Median(std::vector<double>* values) {
  const auto middle = values->begin() + static_cast<std::ptrdiff_t>(values->size() / 2);
  std::nth_element(values->begin(), middle, values->end());
  return *middle;
}

double SecondsToAdd(Index size) {
  AlignedBuffer<float> sum(size), other(size);
  std::vector<double> seconds;
  for (int i = 0; i < 5; ++i) {
    const double start = Seconds();
    AddInPlace(size, other.data(), sum.data());
    seconds.push_back(Seconds() - start);
  }
  return Median(&seconds);
}

Index LongestSlot(const RankBatch& batch) {
  Index rows = 0;
  for (const SlotBatch& slot : batch.slots) rows = std::max(rows, slot.layout.rows());
  return rows;
}

// Measures the median over batches of the seconds per row (one time step of one sequence), and of
// the seconds per update. Batches come in the order of an epoch, because batches of short sequences
// take longer per row.
void MeasureSteps(TrainStep* step, BatchStream* stream, std::span<float> values, double seconds,
                  ProbeResult* result) {
  constexpr std::size_t kLeastBatches = 5;
  std::vector<double> of_row, of_update;
  std::unique_ptr<RankBatch> batch;
  const double start = Seconds();
  for (Index i = 0; of_row.size() <= kLeastBatches || Seconds() - start < seconds; ++i) {
    batch = stream->Next(std::move(batch));
    const StepSeconds before = step->seconds();
    step->Run(*batch, {i, i + 1, 0.0, 0}, values);
    const double compute = step->seconds().compute - before.compute;
    of_row.push_back(compute / static_cast<double>(std::max<Index>(1, LongestSlot(*batch))));
    of_update.push_back(step->seconds().update - before.update);
    result->slots += static_cast<Index>(batch->slots.size());
  }
  of_row.erase(of_row.begin());  // the first one is slower, because memory is cold
  result->costs.slot = Median(&of_row) * result->slot_steps;
  result->costs.update = Median(&of_update) * step->worker().team().size();
}

double SlowestOf(const Communicator& comm, double seconds) {
  constexpr double kNanoseconds = 1e9;
  return static_cast<double>(comm.Max(static_cast<Index>(seconds * kNanoseconds))) / kNanoseconds;
}

// The model steps of an epoch. The last step of a sample has only the remaining frames, so each
// sample takes half a stride more on average.
double StepsOfEpoch(const EpochSize& epoch, Index stride) {
  const double left = epoch.sequences * static_cast<double>(stride - 1) / 2;
  return (epoch.steps + left) / static_cast<double>(stride);
}

// A stream of symbols is read in pieces of its own, whatever samples it is stored in.
EpochSize SizeOfEpoch(const CorpusInfo& corpus, const StreamOptions& stream) {
  const SplitInfo& split = corpus.Split("train");
  if (corpus.is_stream()) {
    return {static_cast<double>(StreamsOf(split, stream)), static_cast<double>(split.steps)};
  }
  return CutSize(MeanEpochSize(corpus, stream.plan.source_weights), stream.plan.cut_steps);
}

// The number of parts of a sequence of average length.
double PartsOf(const EpochSize& epoch, const StreamOptions& stream) {
  if (stream.part_steps == 0) return 1;
  const double steps = StepsOfEpoch(epoch, stream.frames.stride);
  return std::max(1.0, steps / (epoch.sequences * static_cast<double>(stream.part_steps)));
}

}  // namespace

ProbeResult ProbeStep(const Communicator& comm, const std::string& corpus_folder,
                      const CorpusInfo& corpus, const TrainerOptions& options, double seconds) {
  const Communicator single = Communicator::Single();
  const std::unique_ptr<Model<float>> made =
      MakeModel<float>(options.model, BatchSchema(corpus, options.stream));
  const Model<float>& model = *made;
  AlignedBuffer<float> values(model.layout().size());
  InitialiseParameters<float>(model.layout(), options.seed, values.span());
  const SlotRange range{0, std::min<Index>(options.threads, options.stream.plan.slots)};
  const int threads = static_cast<int>(range.size());
  TrainStep step(single, model,
                 {threads, threads, options.seed, TrainingBounds(corpus, options), true,
                  options.stream.part_steps > 0},
                 options.optimizer, {}, {});
  WarmUpLibraries(single, values.data(), &step.worker());
  ProbeResult result;
  result.program_bytes =
      ResidentBytes() - step.bytes() - values.size() * static_cast<Index>(sizeof(float));
  comm.Barrier();
  BatchStream stream(corpus_folder, corpus, "train", options.stream, range, Cursor{});
  const EpochSize epoch = SizeOfEpoch(corpus, options.stream);
  // An epoch without a batch is rare, and its neighbours are small.
  const Index batches = std::max<Index>(1, stream.StepsInEpoch(0));
  result.slot_steps = StepsOfEpoch(epoch, options.stream.frames.stride) /
                      PartsOf(epoch, options.stream) /
                      static_cast<double>(batches * options.stream.plan.slots);
  MeasureSteps(&step, &stream, values.span(), seconds, &result);
  result.costs.add = SecondsToAdd(model.layout().size());
  for (double* cost : {&result.costs.slot, &result.costs.add, &result.costs.update}) {
    *cost = SlowestOf(comm, *cost);
  }
  result.has_mpi = comm.size() > 1;
  result.costs.busy_threads = comm.size() * range.size();
  return result;
}

}  // namespace lockstep
