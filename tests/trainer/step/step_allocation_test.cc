// After the first steps, a training step asks the heap for nothing: counted on all threads without
// a launcher, and under mpirun on the main thread of each rank, where what MPI itself asks for is
// left out by standing in front of the calls that a step makes.
#include <gtest/gtest.h>
#include <mpi.h>

#include <algorithm>

#include "base/counter_rng.h"
#include "tests/support/allocation_counter.h"
#include "tests/support/small_model.h"
#include "trainer/step/train_step.h"

namespace {
std::int64_t allocations_of_mpi = 0;
int ranks_on_a_host = 1000;

// Adds what this thread allocates in its scope.
class InMpi {
 public:
  InMpi() : before_(lockstep::AllocationsOfThisThread()) {}
  ~InMpi() { allocations_of_mpi += lockstep::AllocationsOfThisThread() - before_; }

 private:
  std::int64_t before_;
};
}  // namespace

extern "C" {
// Makes hosts of ranks that share one.
int MPI_Comm_split_type(MPI_Comm comm, int, int key, MPI_Info, MPI_Comm* host) {
  return PMPI_Comm_split(comm, key / ranks_on_a_host, key, host);
}
int MPI_Isend(const void* data, int count, MPI_Datatype type, int to, int tag, MPI_Comm comm,
              MPI_Request* request) {
  const InMpi scope;
  return PMPI_Isend(data, count, type, to, tag, comm, request);
}
int MPI_Irecv(void* data, int count, MPI_Datatype type, int from, int tag, MPI_Comm comm,
              MPI_Request* request) {
  const InMpi scope;
  return PMPI_Irecv(data, count, type, from, tag, comm, request);
}
int MPI_Testsome(int count, MPI_Request* requests, int* done, int* which, MPI_Status* statuses) {
  const InMpi scope;
  return PMPI_Testsome(count, requests, done, which, statuses);
}
int MPI_Testall(int count, MPI_Request* requests, int* done, MPI_Status* statuses) {
  const InMpi scope;
  return PMPI_Testall(count, requests, done, statuses);
}
}

namespace lockstep {
namespace {

constexpr Index kSlots = 8, kFeatures = 5, kClasses = 3;

SmallModelOptions Model(CellKind cell, bool symbols) {
  SmallModelOptions options;
  options.cell = cell;
  options.symbols = symbols ? 4 : 0;
  options.feature_width = kFeatures;
  options.classes = kClasses;
  options.layers = 3;
  options.hidden_size = 40;
  options.dropout = 0.2;
  options.residual = true;
  return options;
}

// Transcripts: a convolution over frames, and the loss of label sequences.
SmallModelOptions TranscriptModel() {
  SmallModelOptions options = Model(CellKind::kGru, false);
  options.conv_channels = 9;
  options.classes = 4;
  options.target = Alignment::kList;
  return options;
}

// Slots of a rank; lengths differ from step to step, below those of the first.
RankBatch Batch(const SmallModelOptions& model, SlotRange range, Index step) {
  RankBatch batch;
  batch.slot_range = range;
  for (Index slot = range.first; slot < range.last; ++slot) {
    SlotBatch part;
    part.fields.resize(2);
    part.layout = PackedLayout({30 - step, 20, 20, 7 - std::min<Index>(step, 6)});
    part.fields[0].values = AlignedBuffer<float>(part.layout.rows() * kFeatures);
    for (Index row = 0; row < part.layout.rows(); ++row) {
      if (model.symbols > 0) part.fields[0].ids.push_back(static_cast<std::int32_t>(row % 4));
      part.fields[1].ids.push_back(static_cast<std::int32_t>((row + slot) % kClasses));
    }
    if (model.target == Alignment::kList) {
      part.fields[1].ids = {1, 2, 2, 3, 1, 1, 2};
      part.fields[1].offsets = {0, 4 - step % 2, 6, 6, 7};
    }
    batch.slots.push_back(std::move(part));
  }
  return batch;
}

// Allocations of our own in the steps after the first two.
std::int64_t AllocationsOf(const SmallModelOptions& options, const Communicator& comm, int threads,
                           const OptimizerOptions& optimizer, const TrafficOptions& traffic) {
  const SmallEncoderModel<float> model(options);
  AlignedBuffer<float> values(model.layout().size());
  InitialiseParameters<float>(model.layout(), 1, values.span());
  TrainStep step(comm, model, {kSlots, threads, 1, TwoFieldBounds(4, 30, 80, 4), true}, optimizer,
                 {}, traffic);
  std::vector<RankBatch> batches;
  for (Index i = 0; i < 6; ++i) {
    batches.push_back(Batch(options, step.worker().slot_range(), i));
  }
  std::int64_t before = 0;
  const auto ours = [&] {
    return (comm.size() == 1 ? AllocationsOfAllThreads() : AllocationsOfThisThread()) -
           allocations_of_mpi;
  };
  for (Index i = 0; i < 6; ++i) {
    if (i == 2) before = ours();
    step.Run(batches[static_cast<std::size_t>(i)], {i, i + 1, 1e-3, false}, values.span());
  }
  step.FinishValues();
  return ours() - before;
}

TEST(TrainStep, AllocatesNothingAfterTheFirstSteps) {
  const Communicator comm = Communicator::World();
  const int most_threads = comm.size() == 1 ? 3 : 1;
  for (CellKind cell : {CellKind::kGru, CellKind::kLstm, CellKind::kGruResetBefore}) {
    for (int threads = 1; threads <= most_threads; ++threads) {
      for (bool symbols : {true, false}) {
        SmallModelOptions options = Model(cell, symbols);
        options.recompute = threads == 2;
        EXPECT_EQ(AllocationsOf(options, comm, threads, {}, {}), 0)
            << CellName(cell) << ", " << threads << " threads";
      }
    }
  }
}

TEST(TrainStep, AllocatesNothingForAllThatRegularises) {
  const Communicator comm = Communicator::World();
  SmallModelOptions options = Model(CellKind::kLstmLn, true);
  options.embedding_dropout = options.output_dropout = options.weight_dropout = 0.2;
  options.variational_dropout = true;
  options.zoneout = options.cell_zoneout = 0.1;
  options.activation_l2 = options.difference_l2 = 1;
  EXPECT_EQ(AllocationsOf(options, comm, 1, {}, {}), 0);
}

TEST(TrainStep, AllocatesNothingForTranscripts) {
  const Communicator comm = Communicator::World();
  for (int threads = 1; threads <= (comm.size() == 1 ? 3 : 1); ++threads) {
    EXPECT_EQ(AllocationsOf(TranscriptModel(), comm, threads, {}, {}), 0) << threads << " threads";
  }
}

TEST(TrainStep, AllocatesNothingWithReplicatedPiecesAndOtherOptimisers) {
  const Communicator comm = Communicator::World();
  OptimizerOptions momentum{.kind = OptimizerKind::kSgd, .momentum = 0.9};
  TrafficOptions traffic{.overlap = true, .replicated_share = 0.5};
  EXPECT_EQ(AllocationsOf(Model(CellKind::kGru, true), comm, 1, momentum, traffic), 0);
  traffic.overlap = false;
  EXPECT_EQ(AllocationsOf(Model(CellKind::kGru, true), comm, 1, momentum, traffic), 0);
}

TEST(TrainStep, AllocatesNothingWhereRanksShareHosts) {
  const Communicator comm = Communicator::World();
  ranks_on_a_host = 2;
  EXPECT_EQ(comm.MostRanksOnAHost(), std::min(2, comm.size()));
  for (double share : {0.0, 0.5}) {
    const TrafficOptions traffic{.overlap = true, .replicated_share = share};
    EXPECT_EQ(AllocationsOf(Model(CellKind::kGru, true), comm, 1, {}, traffic), 0) << share;
  }
}

}  // namespace
}  // namespace lockstep
