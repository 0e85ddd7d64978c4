#include "trainer/step/train_step.h"

#include <algorithm>
#include <cmath>
#include <thread>

#include "base/error.h"
#include "base/phase_timer.h"
#include "base/rank_status.h"

namespace lockstep {
namespace {

double ReplicatedShare(const Communicator& comm, const TrafficOptions& options) {
  if (options.replicated_share >= 0) return options.replicated_share;
  const Index most = comm.MostRanksOnAHost();
  return most <= 2 && most < comm.size() ? 1.0 / 3.0 : 0;
}

// Collective. What RanksOfEvenHosts says; without options.host_level, each rank counts as a host,
// unless all share one.
int RanksPerHost(const Communicator& comm, const TrafficOptions& options) {
  const int ranks = RanksOfEvenHosts(comm.HostOfRanks());
  return options.host_level || ranks == comm.size() ? ranks : 1;
}

// Every rank makes the same plan, because it depends only on what all ranks know.
PiecePlan PlanOf(const Communicator& comm, const Model<float>& model,
                 const TrafficOptions& options) {
  PieceOptions pieces = PiecesFor(comm.size(), RanksPerHost(comm, options), kBlockElements,
                                  ReplicatedShare(comm, options));
  const RowTable table = model.row_table();
  pieces.sparse = {table.begin, table.end()};
  return PiecePlan(model.GradientStages(), model.layout().size(), comm.size(), pieces);
}

HostRoutes RoutesOf(const Communicator& comm, const TrafficOptions& options) {
  if (!options.host_level) return HostRoutes::OneLevel(comm.rank(), comm.size());
  return HostRoutes::For(comm.rank(), comm.HostOfRanks());
}

}  // namespace

TrainStep::TrainStep(const Communicator& comm, const Model<float>& model,
                     const WorkerOptions& worker, const OptimizerOptions& optimizer,
                     const ClipOptions& clip, const TrafficOptions& traffic, Index check_period)
    : comm_(comm),
      options_(traffic),
      plan_(PlanOf(comm, model, traffic)),
      routes_(RoutesOf(comm, traffic)),
      worker_(model, comm, worker),
      reducer_(routes_, worker.slots, plan_),
      gather_(routes_, plan_),
      optimizer_(optimizer, model.layout(), plan_.UpdatedBy(comm.rank())),
      check_(comm, model.layout(), plan_, optimizer_, worker.threads, check_period),
      clip_(clip),
      free_squares_(FrozenParameters(optimizer.freeze, model.layout()), model.layout(), plan_,
                    comm.rank()),
      norm_(comm, plan_),
      updated_by_(plan_.pieces().size()) {
  for (std::size_t i = 0; i < plan_.pieces().size(); ++i) {
    (plan_.pieces()[i].replicated ? replicated_pieces_ : owned_pieces_).push_back(i);
  }
}

StepResult TrainStep::Run(const RankBatch& batch, const StepInputs& inputs,
                          std::span<float> values) {
  StepResult result;
  check_.Begin(values);
  ForwardBackward(batch, inputs, values.data());
  double squares = 0;
  Status().Enter(RankPhase::kExchange);
  {
    const ScopedSeconds timer(&seconds_.communicate);
    // This must come before any call that blocks: if this rank is ahead, others may still wait for
    // parameters that it has not sent.
    gather_.Finish();
    RankNote note = check_.Note({inputs.wants_stop, busy_seconds_, worker_.digest()});
    note.save_error = inputs.save_error;
    result.sums = worker_.ReduceSums(note);
    squares = FinishGradient();
  }
  // Sums become means here and nowhere else, by one division by the global count.
  const double mean = 1.0 / static_cast<double>(std::max<Index>(1, result.sums.targets));
  result.gradient_norm = std::sqrt(squares) * mean;
  CompareState(values.data());
  result.not_finite = check_.NotFinite(notes());
  result.skipped = !IsFinite(result);
  if (result.skipped) {
    reducer_.FinishReplicas();
    // A changed bit in the exponent of a parameter also makes a gradient infinite. It would stay
    // for ever, because a skipped step updates nothing; so all parameters are compared.
    check_.CompareAll(values, &worker_.team());
    return result;
  }
  const double factor = clip_.Factor(result.gradient_norm);
  result.clipped = factor < 1;
  Publish({inputs.learning_rate, inputs.update, mean * factor, inputs.average_share},
          values.data());
  return result;
}

void TrainStep::ForwardBackward(const RankBatch& batch, const StepInputs& inputs,
                                const float* values) {
  const double waited = worker_.wait_seconds(), start = Seconds();
  worker_.ForwardBackward(
      batch, inputs.step, values,
      {&plan_, &reducer_, &gather_, options_.overlap, check_.compared(), background_});
  const double wait = worker_.wait_seconds() - waited;
  busy_seconds_ = Seconds() - start - wait;
  seconds_.compute += busy_seconds_;
  seconds_.communicate += wait;
}

// Waits for the sums of the gradient; returns the sum of squares of all that is not frozen.
double TrainStep::FinishGradient() {
  worker_.EnterPhase(Phase::kGradientSums);
  reducer_.FinishSums(&worker_.team());
  return norm_.SumOfSquares(free_squares_.Of(reducer_.sum(), reducer_.block_squares()));
}

bool TrainStep::IsFinite(const StepResult& result) const {
  return std::isfinite(result.gradient_norm) && std::isfinite(result.sums.loss) &&
         result.not_finite.empty();
}

// Messages of this step use memory that is freed when an error is thrown, so they are finished
// first.
void TrainStep::CompareState(const float* values) {
  try {
    check_.Compare(notes(), values);
  } catch (...) {
    reducer_.FinishReplicas();
    throw;
  }
}

// Updates the pieces that have owners first, so that they travel while the replicated ones are
// updated.
void TrainStep::Publish(const UpdateRates& rates, float* values) {
  gather_.Begin(values);
  optimizer_.Begin(rates);
  Update(false, values);
  {
    const ScopedSeconds timer(&seconds_.communicate);
    const ScopedWaiting waiting(Waiting::kPolling);
    while (!reducer_.ReplicasDone()) {
      gather_.Poll();
      Status().Poll();
    }
  }
  Update(true, values);
  check_.NextTurn();
  if (!options_.overlap) FinishValues();
  worker_.EnterPhase(Phase::kOther);
}

// All threads update their parts of one piece after another; the main thread starts to send each
// piece that is complete.
void TrainStep::Update(bool replicated, float* values) {
  const ScopedSeconds timer(&seconds_.update);
  worker_.EnterPhase(Phase::kUpdate);
  Status().Enter(RankPhase::kUpdate);
  const std::vector<std::size_t>& pieces = replicated ? replicated_pieces_ : owned_pieces_;
  for (std::atomic<int>& members : updated_by_) members.store(0, std::memory_order_relaxed);
  worker_.team().Run([&](int member) {
    std::size_t told = 0;
    const auto tell = [&] {
      while (told < pieces.size() &&
             updated_by_[pieces[told]].load(std::memory_order_acquire) == worker_.team().size()) {
        gather_.Updated(pieces[told++]);
      }
    };
    for (std::size_t piece : pieces) {
      UpdatePart(piece, member, values);
      updated_by_[piece].fetch_add(1, std::memory_order_release);
      if (member == 0) tell();
    }
    while (member == 0 && told < pieces.size()) {
      std::this_thread::yield();
      tell();
    }
  });
}

void TrainStep::UpdatePart(std::size_t piece, int member, float* values) {
  const ElementRange range = plan_.pieces()[piece].UpdatedBy(comm_.rank());
  const auto border = [&](int which) {
    return range.begin + SegmentBorder(range.count(), kBlockElements, which, worker_.team().size());
  };
  const ElementRange part{border(member), border(member + 1)};
  const auto enter = [&](Phase phase) {
    if (member == 0) worker_.EnterPhase(phase);
  };
  enter(Phase::kMemoryCheck);
  check_.Around(piece, part, values, [&](const ElementRange& some) {
    enter(Phase::kUpdate);
    optimizer_.Step(piece, some, reducer_.sum(), values);
    enter(Phase::kMemoryCheck);
  });
  enter(Phase::kUpdate);
}

void TrainStep::FinishValues() {
  const ScopedSeconds timer(&seconds_.communicate);
  gather_.Finish();
}

// Elements of a piece are on the rank that updates them; rank 0 collects and sends them.
void TrainStep::GatherAverage(std::span<float> values) const {
  const std::size_t average = optimizer_.moments().size() - 1;
  LOCKSTEP_CHECK(optimizer_.moments()[average].name == kAverageMoment);
  for (std::size_t i = 0; i < plan_.pieces().size(); ++i) {
    const Piece& piece = plan_.pieces()[i];
    const std::span<const float> mine = optimizer_.MomentOf(average, i);
    if (piece.replicated) {
      std::copy(mine.begin(), mine.end(), values.begin() + piece.range.begin);
    } else {
      comm_.GatherToRoot(mine, piece.segments, values.data());
    }
  }
  comm_.BroadcastFloats(values);
}

void TrainStep::CheckState(std::span<const float> values) {
  FinishValues();
  check_.CompareAll(values, &worker_.team());
}

Index TrainStep::bytes() const {
  Index bytes = worker_.bytes() + reducer_.bytes();
  for (const Optimizer::Moment& moment : optimizer_.moments()) {
    bytes += moment.values.size() * static_cast<Index>(sizeof(float));
  }
  return bytes;
}

}  // namespace lockstep
