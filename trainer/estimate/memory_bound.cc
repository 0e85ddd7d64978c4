#include "trainer/estimate/memory_bound.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "checkpoint/checkpoint_file.h"
#include "data/batch/schema_size.h"
#include "trainer/estimate/step_model.h"
#include "trainer/save/checkpointer.h"
#include "worker/gradient_sums.h"

namespace lockstep {
namespace {

// Memory that libraries take after the first step is small: buffers of MPI's first exchanges and of
// texts, the program's own code for validations, and a little more for large models; and for
// targets of their own length the code of searches and of metrics of texts. Measured on 1 to 4
// threads and ranks: up to 2.2 MiB, and 2.9 MiB for such targets.
constexpr Index kLaterBytes = Index{5} << 19, kLaterBytesOfSearch = Index{1} << 20;
constexpr Index kMostLaterOfStep = Index{1} << 20;
// A page of the stack of each thread that only later calls reach.
constexpr Index kLaterBytesOfThread = Index{4} << 10;

// The names of a large vocabulary are part of every checkpoint. While one is written, they exist as
// a JSON document, as its text and as HDF5's copy of the text; small texts take more memory than
// they have letters. All this is at most this many times the bytes of the names.
constexpr Index kSchemaCopies = 12;

// The part of the memory shared with each other rank on the host through which messages of Open MPI
// pass; less if there are few pieces. With this number the bound was at least 2.4 MiB above the
// peak, on 4 to 24 ranks with 2 or 3 layers of 32 to 300 units.
constexpr Index kNeighbourBytes = Index{256} << 10;

// A rank sends its moments to rank 0 at once, of which MPI keeps parts until they are received.
// Measured for 43 MiB of moments on one host: 1.7 MiB more than the other fields have.
constexpr Index kMostSentBytes = Index{4} << 20;

Index LaterBytes(const Schema& schema) {
  const auto target = schema.Target();
  const bool searches = target && (schema.fields[*target].alignment == Alignment::kOwnSteps ||
                                   schema.fields[*target].alignment == Alignment::kList);
  return kLaterBytes + (searches ? kLaterBytesOfSearch : 0);
}

Index StreamBytesOf(const CorpusInfo& corpus, const std::string& split, StreamOptions options,
                    SlotRange range) {
  const auto found = corpus.splits.find(split);
  return found == corpus.splits.end() ? 0 : StreamBytes(corpus, found->second, options, range);
}

HostRoutes RoutesOf(const PlannedJob& job, const TrainerOptions& options, int rank) {
  if (!options.traffic.host_level) return HostRoutes::OneLevel(rank, job.ranks);
  std::vector<int> host_of;
  host_of.reserve(static_cast<std::size_t>(job.ranks));
  for (int r = 0; r < job.ranks; ++r) host_of.push_back(r / job.ranks_per_host);
  return HostRoutes::For(rank, host_of);
}

PiecePlan PlanOf(const PlannedJob& job, const Model<float>& model, const TrainerOptions& options) {
  const int here = EvenRanksPerHost(job.ranks, job.ranks_per_host, options.traffic.host_level);
  return PiecePlan(model.GradientStages(), model.layout().size(), job.ranks,
                   PiecesFor(job.ranks, here, kBlockElements, job.replicated_share));
}

// The same bytes that TrainStep::bytes() counts, for a job that does not run.
Index StepBytes(const PlannedJob& job, const Model<float>& model, const SlotBounds& bounds,
                const TrainerOptions& options, int rank) {
  const Index slots = options.stream.plan.slots, size = model.layout().size();
  const SlotRange range = DealSlots(slots, rank, job.ranks);
  const PiecePlan plan = PlanOf(job, model, options);
  Index updated = 0;
  for (const Piece& piece : plan.pieces()) updated += piece.UpdatedBy(rank).count();
  const Index moments = static_cast<Index>(Optimizer::MomentNames(options.optimizer).size());
  const Index noisy = options.weight_noise > 0 ? options.threads * size : 0;
  // Training and evaluation have two copies of the carried states each.
  const Index carried = 4 * CarriedFloats(model.carried(), options.stream) / slots * range.size();
  const Index sums = GradientSums::Buffers(slots, range, options.threads);
  const Index floats = sums * size + moments * updated + noisy + carried;
  return GradientReducer::ReceivedBytes(RoutesOf(job, options, rank), slots, plan) +
         options.threads * RoundUp(model.WorkspaceBytes(bounds), kAlignmentBytes) +
         floats * static_cast<Index>(sizeof(float));
}

// The parameters, and the average that validations use.
Index ValuesBytes(const Model<float>& model, const TrainerOptions& options) {
  const Index copies = options.validation.average ? 2 : 1;
  return copies * model.layout().size() * static_cast<Index>(sizeof(float));
}

}  // namespace

SlotBounds TrainingBounds(const CorpusInfo& corpus, const TrainerOptions& options) {
  SlotBounds bounds = BoundsOf(corpus, corpus.Split("train"), options.stream);
  const auto valid = corpus.splits.find(options.validation.split);
  if (valid == corpus.splits.end()) return bounds;
  const SlotBounds more = BoundsOf(corpus, valid->second, EvaluationStream(options.stream));
  return Larger(bounds, more);
}

Index NeighbourBytes(Index ranks_on_host) { return (ranks_on_host - 1) * kNeighbourBytes; }

// All sums that leave in a step, as many that arrive, and the new values that leave. So much is
// copied only if another rank is late by a whole pass, because it waits for its data, say; without
// that, the two ranks of bench/overlap took 0.7 MiB.
Index EagerBytes(Index size, Index slots, SlotRange range, Index ranks, Index ranks_on_host) {
  if (ranks <= ranks_on_host) return 0;
  const Index copies = 2 * MostSubtrees(slots, range) + 1;
  return copies * (size - size / ranks) * static_cast<Index>(sizeof(float));
}

MemoryBound BoundMemory(Index resident, Index step, const Model<float>& model,
                        const CorpusInfo& corpus, const TrainerOptions& options, int rank,
                        int ranks) {
  const ParameterLayout& layout = model.layout();
  const Index carried = CarriedFloats(model.carried(), options.stream);
  const SlotRange range = DealSlots(options.stream.plan.slots, rank, ranks);
  MemoryBound bound;
  bound.step = step;
  bound.values = ValuesBytes(model, options);
  bound.program = resident - bound.step - bound.values + LaterBytes(model.schema()) +
                  std::min(step / 32, kMostLaterOfStep) + options.threads * kLaterBytesOfThread;
  const StreamOptions validation = EvaluationStream(options.stream);
  bound.data = StreamBytesOf(corpus, "train", options.stream, range) +
               StreamBytesOf(corpus, options.validation.split, validation, range);
  if (rank != 0) {
    const auto arrays = static_cast<Index>(Optimizer::MomentNames(options.optimizer).size());
    const Index moments = arrays * layout.size() / ranks * static_cast<Index>(sizeof(float));
    bound.saving = std::min(moments, kMostSentBytes);
    return bound;
  }
  bound.program -= Snapshot::Bytes(layout, options.optimizer, carried);
  bound.saving = Checkpointer::Bytes(layout, options.optimizer, carried) +
                 kSchemaCopies * SchemaTextBytes(model.schema());
  if (options.checkpoint.average > 0) {  // sums in double, and their mean
    bound.saving += layout.size() * static_cast<Index>(sizeof(double) + sizeof(float));
  }
  // The checkpoint that average.h5 is made from takes the room of the copies that a save has made.
  if (options.optimizer.average.kind != AverageKind::kOff) {
    bound.saving += layout.size() * static_cast<Index>(sizeof(float));
  }
  return bound;
}

MemoryBound PredictMemory(const PlannedJob& job, const Model<float>& model,
                          const CorpusInfo& corpus, const TrainerOptions& options, int rank) {
  const Index slots = options.stream.plan.slots, size = model.layout().size();
  const Index step = StepBytes(job, model, TrainingBounds(corpus, options), options, rank);
  const Index snapshot = rank != 0
                             ? 0
                             : Snapshot::Bytes(model.layout(), options.optimizer,
                                               CarriedFloats(model.carried(), options.stream));
  const Index eager =
      EagerBytes(size, slots, DealSlots(slots, rank, job.ranks), job.ranks, job.ranks_per_host);
  const Index resident = job.program + eager + step + ValuesBytes(model, options) + snapshot;
  return BoundMemory(resident, step, model, corpus, options, rank, job.ranks);
}

Index PredictMostMemory(const PlannedJob& job, const Model<float>& model, const CorpusInfo& corpus,
                        const TrainerOptions& options) {
  const Index slots = options.stream.plan.slots;
  const PiecePlan plan = PlanOf(job, model, options);
  struct Receiver {
    Index bytes = -1;
    int rank = 0;
  };
  std::map<std::pair<Index, Index>, Receiver> most_of;  // by slots and sums of a rank
  // What a rank receives takes time in the number of ranks to find out. Of many ranks, the first
  // and last ones are compared, among which are whole and incomplete groups.
  constexpr int kMostCompared = 512, kAtEnds = 64;
  for (int rank = 1; rank < job.ranks; ++rank) {
    const SlotRange range = DealSlots(slots, rank, job.ranks);
    Receiver& most = most_of[{range.size(), GradientSums::Buffers(slots, range, options.threads)}];
    const bool is_at_end = rank < kAtEnds || rank >= job.ranks - kAtEnds;
    if (job.ranks > kMostCompared && !is_at_end && most.bytes >= 0) continue;
    const Index bytes = GradientReducer::ReceivedBytes(RoutesOf(job, options, rank), slots, plan);
    if (bytes > most.bytes) most = {bytes, rank};
  }
  Index largest = PredictMemory(job, model, corpus, options, 0).total();
  for (const auto& [shares, most] : most_of)
    largest = std::max(largest, PredictMemory(job, model, corpus, options, most.rank).total());
  return largest;
}

void WarmUpLibraries(const Communicator& comm, const float* values, Worker* worker) {
  worker->WarmUp(values);
  if (comm.rank() == 0) BuildCheckpoint("{}", {});
}

std::string Describe(const MemoryBound& bound, Index others) {
  const auto mib = [](Index bytes) { return std::ceil(static_cast<double>(bytes) / (1 << 20)); };
  const std::string rest =
      others == 0 ? "" : fmt::format(" and {:.0f} MiB on each other rank", mib(others));
  return fmt::format("memory: at most {:.0f} MiB on rank 0{}, whatever the size of the corpus",
                     mib(bound.total()), rest);
}

std::string DescribeParts(const MemoryBound& bound) {
  const auto mib = [](Index bytes) { return static_cast<double>(bytes) / (1 << 20); };
  return fmt::format(
      "memory of rank 0: program {:.0f} MiB, activations, gradients and moments {:.0f}, parameters "
      "{:.0f}, data {:.0f}, saving {:.0f}",
      mib(bound.program), mib(bound.step), mib(bound.values), mib(bound.data), mib(bound.saving));
}

}  // namespace lockstep
