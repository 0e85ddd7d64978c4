// Measures what a save costs training. Run under mpirun by bench/saving.
//
//   copy    memcpy of parameters and moments, by the training thread, into memory that was touched
//   check   TrainStep::CheckState, which makes sure that all ranks have the same state
//   save    Checkpointer::Save: the time for which the training thread stands still
//   slower  median step while a checkpoint travels and is written / median step before
//
// All are wall-clock times of the slowest rank.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <string>

#include "base/durable_file.h"
#include "base/phase_timer.h"
#include "base/process_memory.h"
#include "tests/support/small_model.h"
#include "trainer/save/checkpointer.h"
#include "trainer/step/train_step.h"

namespace lockstep {
namespace {

constexpr Index kSlots = 2, kSequences = 8, kFeatures = 80, kClasses = 32, kSteps = 40;

SmallModelOptions Model(Index hidden_size) {
  SmallModelOptions options;
  options.feature_width = kFeatures;
  options.classes = kClasses;
  options.layers = 3;
  options.hidden_size = hidden_size;
  return options;
}

RankBatch MakeBatch(SlotRange range) {
  RankBatch batch;
  batch.slot_range = range;
  for (Index slot = range.first; slot < range.last; ++slot) {
    SlotBatch part;
    part.fields.resize(2);
    part.layout = PackedLayout(std::vector<Index>(kSequences, kSteps));
    part.fields[0].values = AlignedBuffer<float>(part.layout.rows() * kFeatures);
    for (Index i = 0; i < part.fields[0].values.size(); ++i) {
      part.fields[0].values[i] = static_cast<float>((i * 37 + slot) % 19) / 19 - 0.5f;
    }
    for (Index row = 0; row < part.layout.rows(); ++row) {
      part.fields[1].ids.push_back(static_cast<std::int32_t>(row % kClasses));
    }
    batch.slots.push_back(std::move(part));
  }
  return batch;
}

double Median(std::vector<double> times) {
  if (times.empty()) return 0;
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

class SavingBench {
 public:
  SavingBench(const Communicator& comm, const std::string& folder, Index hidden_size)
      : comm_(comm),
        model_(Model(hidden_size)),
        values_(model_.layout().size()),
        step_(comm, model_,
              {kSlots, 1, 1, TwoFieldBounds(kSequences, kSteps, kSequences * kSteps), true}, {}, {},
              {}),
        saver_(comm, model_.layout(), step_.plan(), {}, folder, {.keep = 1}),
        batch_(MakeBatch(step_.worker().slot_range())),
        from_(3 * values_.size()),
        to_(3 * values_.size()) {
    InitialiseParameters<float>(model_.layout(), 1, values_.span());
    step_.set_background(saver_.traffic());
  }

  void Turn() {
    for (int i = 0; i < 5; ++i) idle_.push_back(Step());
    step_.FinishValues();  // not what saving costs
    copy_.push_back(Slowest(
        [&] { std::memcpy(to_.data(), from_.data(), sizeof(float) * std::size_t(from_.size())); }));
    check_.push_back(Slowest([&] { step_.CheckState(values_.span()); }));
    TrainingState state;
    state.step = done_;
    save_.push_back(Slowest([&] {
      saver_.Save(state, values_.span(), step_.optimizer(), &step_.worker().team(), [] {});
    }));
    while (comm_.Max(saver_.busy() ? 1 : 0) > 0) writing_.push_back(Step());
    saver_.Finish();
    step_.FinishValues();
  }
  void Forget() { copy_ = check_ = save_ = idle_ = writing_ = {}; }

  void Print() const {
    if (comm_.rank() != 0) return;
    fmt::print(
        "{} ranks  {:>8} parameters  copy {:6.2f} ms  save {:6.2f} ms, {:.2f} x copy  check "
        "{:6.2f} ms  "
        "step {:6.1f} ms, {:.2f} x slower in {} steps of writing\n",
        comm_.size(), model_.layout().count(), 1e3 * Median(copy_), 1e3 * Median(save_),
        Median(save_) / Median(copy_), 1e3 * Median(check_), 1e3 * Median(idle_),
        Median(writing_) / Median(idle_), writing_.size());
  }

 private:
  double Step() {
    return Slowest([&] {
      step_.Run(batch_, {.step = done_, .update = done_ + 1, .learning_rate = 1e-5},
                values_.span());
      saver_.Poll();
      ++done_;
    });
  }
  double Slowest(FunctionRef<void()> work) const {
    comm_.Barrier();
    const double start = Seconds();
    work();
    return static_cast<double>(comm_.Max(static_cast<Index>((Seconds() - start) * 1e9))) * 1e-9;
  }

  const Communicator& comm_;
  SmallEncoderModel<float> model_;
  AlignedBuffer<float> values_;
  TrainStep step_;
  Checkpointer saver_;
  RankBatch batch_;
  AlignedBuffer<float> from_, to_;
  Index done_ = 0;
  std::vector<double> copy_, check_, save_, idle_, writing_;
};

void Measure(const Communicator& comm, const std::string& folder, Index hidden_size, int turns) {
  const std::string checkpoints = fmt::format("{}/{}-{}", folder, comm.size(), hidden_size);
  if (comm.rank() == 0) MakeFolder(checkpoints);
  comm.Barrier();
  SavingBench bench(comm, checkpoints, hidden_size);
  bench.Turn();  // warms up
  bench.Forget();
  const int all = hidden_size < 200 ? 5 * turns : turns;
  for (int turn = 0; turn < all; ++turn) bench.Turn();
  bench.Print();
}

}  // namespace
}  // namespace lockstep

int main(int argc, char** argv) {
  lockstep::ReturnLargeArrays();
  const lockstep::MpiSession session;
  const lockstep::Communicator comm = lockstep::Communicator::World();
  const int turns = argc > 2 ? std::stoi(argv[2]) : 9;
  for (lockstep::Index hidden_size : {148, 482}) {
    lockstep::Measure(comm, argc > 1 ? argv[1] : ".", hidden_size, turns);
  }
}
