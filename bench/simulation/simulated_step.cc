// Runs the communication of a training step, with the project's own code, on a network that is
// simulated by SimGrid. Computation is replaced by its measured time, so one core is enough for a
// thousand ranks.
//
//   smpirun -np 64 ... simulated_step SLOT_SECONDS ADD_SECONDS STEPS LEAST PARAMETERS GROUP_MEMBERS
//   OVERLAP
//
// SLOT_SECONDS is the time of forward, backward and update of a rank with one slot. ADD_SECONDS is
// the time for adding as many numbers as the model has parameters, which every rank does as an
// owner. LEAST is the smallest size of a piece; 0 means that of PiecesFor. PARAMETERS is the size
// of a model that backward finishes in one stage; 0 means the 3 x 512 bidirectional GRU. All pieces
// are exchanged in groups of at least GROUP_MEMBERS ranks; 0 means none, -1 those of PiecesFor.
// With OVERLAP 0 nothing overlaps, so the speed is a lower bound. With 1, pieces leave when
// backward has finished their stage, and new values arrive during the next forward pass, as in
// training; the time of a stage is in proportion to its parameters. Rank 0 prints the mean seconds
// of a step. The large arrays of all ranks share the same memory (shared_memory.cc), so their
// values do not matter.
#include <smpi/smpi.h>
// smpi.h redefines malloc and others; this program must use those of the C library.
#undef malloc
#undef calloc
#undef realloc
#undef free

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/thread_team.h"
#include "bench/simulation/polling.h"
#include "trainer/step/gradient_clip.h"
#include "worker/comm/gradient_reducer.h"
#include "worker/comm/value_gather.h"
#include "worker/params/parameter_layout.h"

namespace lockstep {
namespace {

struct Arguments {
  double slot_seconds, add_seconds;
  int steps;
  Index least, parameters, group_members;
  bool overlap;
};

// The simulated hosts do 1e9 operations a second (simulate); what the simulation itself computes
// takes no simulated time.
void Compute(double seconds) { smpi_execute_flops(seconds * 1e9); }

// The 3 x 512 bidirectional GRU over 80 features with 32 classes as the encoder model lays it out,
// in the order in which backward finishes it.
std::vector<ElementRange> SpeechStages() {
  constexpr Index kHidden = 512, kFeatures = 80, kClasses = 32, kLayers = 3;
  std::vector<ElementRange> stages;
  Index end = 0;
  const auto add = [&](Index count) {
    stages.insert(stages.begin(), {end, end + count});
    end += count;
  };
  for (Index layer = 0; layer < kLayers; ++layer) {
    const Index input = layer == 0 ? kFeatures : 2 * kHidden;
    for (int direction = 0; direction < 2; ++direction) add(3 * kHidden * (input + kHidden + 2));
  }
  add(kClasses * (2 * kHidden + 1));
  return stages;
}

std::vector<ElementRange> StagesOf(Index parameters) {
  if (parameters > 0) return {{0, parameters}};
  return SpeechStages();
}

PieceOptions Pieces(int ranks, const Arguments& arguments) {
  constexpr int kRanksPerHost = 1;
  PieceOptions options = PiecesFor(ranks, kRanksPerHost, kBlockElements);
  if (arguments.least > 0) options.least = arguments.least;
  if (arguments.group_members == 0) options.in_groups_below = 0;
  if (arguments.group_members > 0) {
    options.in_groups_below = std::numeric_limits<Index>::max() / ranks;
    options.group_members = arguments.group_members;
  }
  return options;
}

class SimulatedStep {
 public:
  SimulatedStep(const Communicator& comm, const Arguments& arguments)
      : comm_(comm),
        arguments_(arguments),
        stages_(StagesOf(arguments.parameters)),
        plan_(stages_, stages_.front().end, comm.size(), Pieces(comm.size(), arguments)),
        routes_(HostRoutes::OneLevel(comm.rank(), comm.size())),
        reducer_(routes_, comm.size(), plan_),
        norm_(comm, plan_),
        gather_(routes_, plan_),
        gradient_(plan_.count()),
        values_(plan_.count()),
        team_(1) {}

  void Run() {
    if (arguments_.overlap) {
      Forward();
      Backward();
      gather_.Finish();
      GatherLosses();
      reducer_.FinishSums(&team_);
    } else {
      gather_.Finish();
      Compute(arguments_.slot_seconds);
      GatherLosses();
      reducer_.Reduce({gradient_.data()}, &team_);
    }
    Compute(arguments_.add_seconds);
    norm_.SumOfSquares(reducer_.block_squares());
    reducer_.FinishReplicas();
    gather_.Begin(values_.data());
    for (std::size_t piece = 0; piece < plan_.pieces().size(); ++piece) gather_.Updated(piece);
  }
  // Waits for the values of the last step.
  void Finish() { gather_.Finish(); }
  void Describe() const {
    std::printf("parameters %ld pieces %zu ", static_cast<long>(plan_.count()),
                plan_.pieces().size());
  }

 private:
  // Backward takes twice as long as forward, which goes through the stages from the last one.
  static constexpr double kForwardShare = 1.0 / 3;
  static constexpr double kPolls = 200;  // of a step

  // Computes a share of a stage's part of the step, and lets messages move meanwhile.
  void ComputeStage(const ElementRange& stage, double share, bool sends) {
    const double part = static_cast<double>(stage.count()) / static_cast<double>(plan_.count());
    const double seconds = arguments_.slot_seconds * share * part;
    const int turns = static_cast<int>(std::ceil(kPolls * share * part));
    for (int turn = 0; turn < turns; ++turn) {
      Compute(seconds / turns);
      const FreePolls free;
      gather_.Poll();
      if (sends) reducer_.Poll();
    }
  }
  void Forward() {
    for (std::size_t stage = stages_.size(); stage-- > 0;) {
      gather_.WaitFor(stages_[stage].end, true);
      ComputeStage(stages_[stage], kForwardShare, false);
    }
  }
  void Backward() {
    const std::vector<std::size_t>& order = plan_.finish_order();
    std::size_t started = 0;
    reducer_.Begin({gradient_.data()});
    for (std::size_t stage = 0; stage < stages_.size(); ++stage) {
      ComputeStage(stages_[stage], 1 - kForwardShare, stage > 0);
      for (; started < order.size() && plan_.pieces()[order[started]].stage == stage; ++started)
        reducer_.Start(order[started]);
    }
  }
  // Six numbers a slot, as Worker::ReduceSums sends them.
  void GatherLosses() {
    constexpr Index kFields = 6;
    const Segments segments = DivideIntoSegments(comm_.size() * kFields, kFields, comm_.size());
    std::vector<double> all(static_cast<std::size_t>(segments.offsets.back()));
    comm_.AllGather(std::vector<double>(kFields), segments, all.data());
  }

  const Communicator& comm_;
  Arguments arguments_;
  std::vector<ElementRange> stages_;
  PiecePlan plan_;
  HostRoutes routes_;
  GradientReducer reducer_;
  GlobalNorm norm_;
  ValueGather gather_;
  AlignedBuffer<float> gradient_;
  AlignedBuffer<float> values_;
  ThreadTeam team_;
};

void Simulate(const Arguments& arguments) {
  const MpiSession session;
  const Communicator comm = Communicator::World();
  SimulatedStep step(comm, arguments);
  comm.Barrier();
  const double start = MPI_Wtime();
  for (int i = 0; i < arguments.steps; ++i) step.Run();
  step.Finish();
  comm.Barrier();
  if (comm.rank() != 0) return;
  step.Describe();
  std::printf("step %.6f\n", (MPI_Wtime() - start) / arguments.steps);
}

}  // namespace
}  // namespace lockstep

int main(int argc, char** argv) {
  if (argc != 8) {
    std::fprintf(stderr,
                 "usage: simulated_step SLOT ADD STEPS LEAST PARAMETERS GROUP_MEMBERS "
                 "OVERLAP; see "
                 "bench/simulate\n");
    return 64;
  }
  lockstep::Simulate({std::atof(argv[1]), std::atof(argv[2]), std::atoi(argv[3]),
                      std::atol(argv[4]), std::atol(argv[5]), std::atol(argv[6]),
                      std::atoi(argv[7]) != 0});
  return 0;
}
