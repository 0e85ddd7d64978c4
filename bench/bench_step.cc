// Measures the whole training step of a speech-like model on one thread: features, forward, loss,
// backward, sums over slots, norm, clip, Adam. Prints, for several turns, the speed beside the GEMM
// peak, and how the time is divided between phases. With several ranks, each rank does the same
// work, and rank 0 prints its own times. Only turns that had their core for themselves count
// (core_speed.h).
//
//   bench_step [TURNS]
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "base/counter_rng.h"
#include "bench/gemm_peak.h"
#include "bench/training_turns.h"
#include "worker/kernels/bfloat16_route.h"

namespace lockstep {
namespace {

constexpr Index kSlots = 2 /* of a rank */, kSequences = 32, kFeatures = 80, kClasses = 32;
// The lengths of the sequences of a slot, longest first: from 125 down to 75 steps.
constexpr Index kLongest = 125, kShortest = 75;

SmallModelOptions SpeechModel(Precision precision) {
  SmallModelOptions options;
  options.feature_width = kFeatures;
  options.classes = kClasses;
  options.layers = 3;
  options.hidden_size = 512;
  options.precision = precision;
  return options;
}

std::vector<Index> Lengths() {
  std::vector<Index> lengths;
  for (Index b = 0; b < kSequences; ++b) {
    lengths.push_back(kLongest - b * (kLongest - kShortest) / (kSequences - 1));
  }
  return lengths;
}

RankBatch MakeBatch(Index rank) {
  RankBatch batch;
  batch.slot_range = {rank * kSlots, (rank + 1) * kSlots};
  for (Index slot = batch.slot_range.first; slot < batch.slot_range.last; ++slot) {
    SlotBatch part;
    part.fields.resize(2);
    part.layout = PackedLayout(Lengths());
    const CounterRng rng(1, RandomPurpose::kTest, static_cast<std::uint64_t>(slot));
    part.fields[0].values = AlignedBuffer<float>(part.layout.rows() * kFeatures);
    for (Index i = 0; i < part.fields[0].values.size(); ++i) {
      part.fields[0].values[i] = static_cast<float>(rng.Normal(static_cast<std::uint64_t>(i)));
    }
    for (Index row = 0; row < part.layout.rows(); ++row) {
      part.fields[1].ids.push_back(static_cast<std::int32_t>(row % kClasses));
    }
    batch.sequences += kSequences;
    batch.steps += part.layout.rows();
    batch.slots.push_back(std::move(part));
  }
  return batch;
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void Main(const Communicator& comm, int turns) {
  SelectIsa(DetectIsa());
  const RankBatch batch = MakeBatch(comm.rank());
  const Index slots = kSlots * comm.size();
  TrainingTurns narrow(comm, SpeechModel(Precision::kFloat32), batch, slots);
  narrow.WarmUp(batch);
  TrainingTurns bfloat16(comm, SpeechModel(Precision::kBfloat16), batch, slots);
  bfloat16.WarmUp(batch);
  GemmPeak gemm;
  std::vector<double> peaks;
  for (int turn = 0; turn < turns; ++turn) {
    narrow.Turn(batch);
    bfloat16.Turn(batch);
    peaks.push_back(gemm.Measure());
  }
  if (comm.rank() != 0) return;
  const double peak = Median(peaks), speed = narrow.Speed();
  fmt::print(
      "80 -> 3 x 512 bidirectional GRU -> 32, {} slots of {} sequences, one thread, {}, rank 0 of "
      "{}\n",
      kSlots, kSequences, IsaName(DetectIsa()), comm.size());
  fmt::print("float32 {:.1f} GFLOP/s, {:.0f} % of the GEMM peak of {:.0f}, {}\n", speed,
             100 * speed / peak, peak, narrow.ShareText());
  fmt::print("bf16 {:.1f} GFLOP/s, {:.2f} x float32, {}; {}\n", bfloat16.Speed(),
             bfloat16.Speed() / speed, bfloat16.ShareText(),
             Bfloat16Text(Bfloat16Gain(DetectIsa())));
  fmt::print("\n{:18}  float32    bf16\n", "share of the step");
  for (std::size_t p = 0; p < PhaseProfile::kPhases; ++p) {
    const Phase phase = static_cast<Phase>(p);
    fmt::print("{:18} {:6.2f} % {:5.2f} %\n", PhaseProfile::Name(phase), 100 * narrow.Share(phase),
               100 * bfloat16.Share(phase));
  }
}

}  // namespace
}  // namespace lockstep

int main(int argc, char** argv) {
  const lockstep::MpiSession session;
  const lockstep::Communicator comm = lockstep::Communicator::World();
  lockstep::Main(comm, argc > 1 ? std::max(1, std::atoi(argv[1])) : 7);
}
