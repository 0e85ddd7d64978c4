// Measures the whole training step of a language model of many words on one thread: the 2 x 650
// LSTM of Zaremba et al. 2014 (arXiv:1409.2329, "medium"), 20 sequences of 35 words. Prints words
// per second, the speed beside the GEMM peak, how the time is divided between phases, and the
// memory of workspaces and gradients.
//
//   bench_words [TURNS [WORDS [SLOTS]]]      default 7, 10000 and 1
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "base/counter_rng.h"
#include "bench/gemm_peak.h"
#include "bench/training_turns.h"
#include "worker/kernels/isa.h"

namespace lockstep {
namespace {

constexpr Index kSequences = 20, kSteps = 35, kUnits = 650;

SmallModelOptions WordModel(Index words) {
  SmallModelOptions options;
  options.symbols = words;
  options.classes = words;
  options.cell = CellKind::kLstm;
  options.layers = 2;
  options.hidden_size = kUnits;
  options.bidirectional = false;
  options.embedding_size = kUnits;
  options.embedding_scale = 0.1;
  return options;
}

// Words as they occur: word w with a probability of about 1 / w (Zipf), so that few of the rows of
// the embedding are touched by a step.
std::int32_t DrawWord(const CounterRng& rng, std::uint64_t at, Index words) {
  const double u = rng.Uniform(at);
  return static_cast<std::int32_t>(std::min<double>(std::pow(static_cast<double>(words), u) - 1,
                                                    static_cast<double>(words - 1)));
}

RankBatch MakeBatch(Index words, Index slots) {
  RankBatch batch;
  batch.slot_range = {0, slots};
  for (Index slot = 0; slot < slots; ++slot) {
    const SlotRange share = DealSlots(kSequences, slot, slots);
    const CounterRng rng(1, RandomPurpose::kTest, static_cast<std::uint64_t>(slot));
    SlotBatch part;
    part.fields.resize(2);
    part.layout = PackedLayout(std::vector<Index>(static_cast<std::size_t>(share.size()), kSteps));
    for (Index row = 0; row < part.layout.rows(); ++row) {
      const auto at = static_cast<std::uint64_t>(2 * row);
      part.fields[0].ids.push_back(DrawWord(rng, at, words));
      part.fields[1].ids.push_back(DrawWord(rng, at + 1, words));
    }
    batch.sequences += share.size();
    batch.steps += part.layout.rows();
    batch.slots.push_back(std::move(part));
  }
  return batch;
}

void Main(const Communicator& comm, int turns, Index words, Index slots) {
  SelectIsa(DetectIsa());
  const RankBatch batch = MakeBatch(words, slots);
  TrainingTurns training(comm, WordModel(words), batch, slots);
  GemmPeak gemm;
  double peak = 0;
  for (int turn = 0; turn < turns; ++turn) {
    training.Turn();
    peak = std::max(peak, gemm.Measure());
  }
  const double seconds = training.MedianSeconds(), speed = training.Speed();
  fmt::print(
      "{} words -> 2 x {} LSTM -> {} words, {:.1f} million parameters, {} sequences of {} "
      "words in {} slots, one thread, {}\n",
      words, kUnits, words, 1e-6 * static_cast<double>(training.parameters()), kSequences, kSteps,
      slots, IsaName(DetectIsa()));
  fmt::print(
      "{:.0f} words/s, {:.1f} ms per step, {:.1f} GFLOP/s, {:.0f} % of the GEMM peak of "
      "{:.0f}; workspace and gradients {:.0f} MiB\n\n",
      static_cast<double>(batch.steps) / seconds, 1e3 * seconds, speed, 100 * speed / peak, peak,
      static_cast<double>(training.WorkerBytes()) / (1 << 20));
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
  lockstep::Main(comm, argc > 1 ? std::max(1, std::atoi(argv[1])) : 7,
                 argc > 2 ? std::max(2, std::atoi(argv[2])) : 10000,
                 argc > 3 ? std::max(1, std::atoi(argv[3])) : 1);
}
