// Measures the time of one reduction and update, in comparison with MPI's own sum. Run under mpirun
// by bench/reduction.
//
//   ours   each rank sends its gradient in pieces; owners add in the order of the tree, compute the
//          norm and update their part (Adam); the parameters come back
//   peer   MPI_Allreduce of the gradient, then the same Adam on every rank for all parameters
//
// Prints one line per size: parameters, median milliseconds of both over interleaved turns, ratio.
#include <fmt/format.h>
#include <mpi.h>

#include <algorithm>
#include <string>

#include "base/phase_timer.h"
#include "trainer/step/gradient_clip.h"
#include "trainer/step/optimizer.h"
#include "worker/comm/gradient_reducer.h"
#include "worker/comm/value_gather.h"

namespace lockstep {
namespace {

// A layout of four equal matrices; backward finishes the last one first.
class ReductionBench {
 public:
  ReductionBench(const Communicator& comm, Index count)
      : comm_(comm),
        layout_(LayoutOf(count)),
        plan_(StagesOf(layout_), layout_.size(), comm.size(),
              PiecesFor(comm.size(), comm.size(), kBlockElements)),
        routes_(HostRoutes::OneLevel(comm.rank(), comm.size())),
        reducer_(routes_, comm.size(), plan_),
        gather_(routes_, plan_),
        norm_(comm, plan_),
        owned_({}, layout_, plan_.UpdatedBy(comm.rank())),
        whole_({}, layout_, {{0, layout_.size()}}),
        gradient_(layout_.size()),
        sum_(layout_.size()),
        values_(layout_.size()) {
    std::fill_n(gradient_.data(), gradient_.size(), 1e-3f);
  }

  double OursSeconds(Index update) {
    const double start = Start();
    reducer_.Begin({gradient_.data()});
    for (std::size_t piece : plan_.finish_order()) reducer_.Start(piece);
    reducer_.FinishSums(&team_);
    const double scale = 1 / (1 + norm_.SumOfSquares(reducer_.block_squares()));
    reducer_.FinishReplicas();
    gather_.Begin(values_.data());
    owned_.Begin({1e-3, update, scale});
    for (std::size_t i = 0; i < plan_.pieces().size(); ++i) {
      owned_.Step(i, plan_.pieces()[i].UpdatedBy(comm_.rank()), reducer_.sum(), values_.data());
      gather_.Updated(i);
    }
    gather_.Finish();
    return Slowest(Seconds() - start);
  }

  double PeerSeconds(Index update) {
    const double start = Start();
    MPI_Allreduce(gradient_.data(), sum_.data(), static_cast<int>(gradient_.size()), MPI_FLOAT,
                  MPI_SUM, MPI_COMM_WORLD);
    whole_.Begin({1e-3, update, 0.5});
    whole_.Step(0, {0, layout_.size()}, sum_.data(), values_.data());
    return Slowest(Seconds() - start);
  }

 private:
  static ParameterLayout LayoutOf(Index count) {
    ParameterLayout layout;
    for (const char* name : {"a", "b", "c", "d"}) layout.Add(name, {count / 4000, 1000}, {});
    return layout;
  }
  static std::vector<ElementRange> StagesOf(const ParameterLayout& layout) {
    std::vector<ElementRange> stages;
    for (const ParameterInfo& info : layout.infos()) {
      stages.insert(stages.begin(), {info.offset, info.offset + info.count()});
    }
    return stages;
  }
  double Start() const {
    comm_.Barrier();
    return Seconds();
  }
  double Slowest(double seconds) const {
    return static_cast<double>(comm_.Max(static_cast<Index>(seconds * 1e9))) * 1e-9;
  }

  const Communicator& comm_;
  ParameterLayout layout_;
  PiecePlan plan_;
  HostRoutes routes_;
  GradientReducer reducer_;
  ValueGather gather_;
  GlobalNorm norm_;
  Optimizer owned_, whole_;
  ThreadTeam team_{1};
  AlignedBuffer<float> gradient_, sum_, values_;
};

double Median(std::vector<double> times) {
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

void Measure(const Communicator& comm, Index count, int turns) {
  ReductionBench bench(comm, count);
  std::vector<double> ours, peer;
  for (int turn = -1; turn < turns; ++turn) {  // the first one warms up
    const double a = bench.OursSeconds(turn + 2), b = bench.PeerSeconds(turn + 2);
    if (turn < 0) continue;
    ours.push_back(a);
    peer.push_back(b);
  }
  if (comm.rank() != 0) return;
  fmt::print(
      "{} ranks  {:>9} parameters  ours {:8.2f} ms  MPI_Allreduce {:8.2f} ms  ratio {:.2f}\n",
      comm.size(), count, 1e3 * Median(ours), 1e3 * Median(peer), Median(ours) / Median(peer));
}

}  // namespace
}  // namespace lockstep

int main(int argc, char** argv) {
  const lockstep::MpiSession session;
  const lockstep::Communicator comm = lockstep::Communicator::World();
  const int turns = argc > 1 ? std::stoi(argv[1]) : 9;
  for (lockstep::Index count : {1000000, 10000000, 50000000}) {
    lockstep::Measure(comm, count, count > 1000000 ? turns : 5 * turns);
  }
}
