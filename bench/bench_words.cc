// Measures the whole training step of a language model of many words (word_problem.h) on one
// thread, without dropout. Prints words per second, the speed beside the GEMM peak, how the time is
// divided between phases, and the memory of workspaces and gradients.
//
//   bench_words [TURNS [WORDS [SLOTS]]]      default 7, 10000 and 1
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "base/error.h"
#include "bench/gemm_peak.h"
#include "bench/one_rank.h"
#include "bench/word_problem.h"
#include "worker/kernels/isa.h"

namespace lockstep {
namespace {

void Main(const Communicator& comm, int turns, Index words, Index slots) {
  SelectIsa(DetectIsa());
  WordText text(words, 1, slots, comm);
  const RankBatch& batch = text.Next();
  TrainingTurns training(comm, WordModel(words, 0), batch, slots);
  training.WarmUp(batch);
  GemmPeak gemm;
  double peak = 0;
  for (int turn = 0; turn < turns; ++turn) {
    training.Turn(batch);
    peak = std::max(peak, gemm.Measure());
  }
  const double seconds = training.MedianSeconds(), speed = training.Speed();
  fmt::print(
      "{} words -> 2 x {} LSTM -> {} words, {:.1f} million parameters, {} sequences of {} "
      "words in {} slots, one thread, {}\n",
      words, kWordUnits, words, 1e-6 * static_cast<double>(training.layout().count()), kWordStreams,
      kWordSteps, slots, IsaName(DetectIsa()));
  fmt::print(
      "{:.0f} words/s, {:.1f} ms per step, {:.1f} GFLOP/s, {:.0f} % of the GEMM peak of "
      "{:.0f}, {}; workspace and gradients {:.0f} MiB\n\n",
      static_cast<double>(batch.steps) / seconds, 1e3 * seconds, speed, 100 * speed / peak, peak,
      training.ShareText(), static_cast<double>(training.WorkerBytes()) / (1 << 20));
  for (std::size_t p = 0; p < PhaseProfile::kPhases; ++p) {
    const double share = training.Share(static_cast<Phase>(p));
    fmt::print("{:18} {:6.2f} % {:8.1f} ms\n", PhaseProfile::Name(static_cast<Phase>(p)),
               100 * share, 1e3 * share * seconds);
  }
}

}  // namespace
}  // namespace lockstep

int main(int argc, char** argv) {
  const lockstep::MpiSession session;
  const lockstep::Communicator comm = lockstep::Communicator::World();
  if (!lockstep::IsOnlyRank(comm, "bench_words")) {
    return static_cast<int>(lockstep::ExitCode::kUsage);
  }
  lockstep::Main(comm, argc > 1 ? std::max(1, std::atoi(argv[1])) : 7,
                 argc > 2 ? std::max(2, std::atoi(argv[2])) : 10000,
                 argc > 3 ? std::max(1, std::atoi(argv[3])) : 1);
}
