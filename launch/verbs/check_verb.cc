#include <algorithm>
#include <charconv>
#include <iostream>

#include "data/stream/sample_reads.h"
#include "launch/config/agreement.h"
#include "launch/config/corpus_mix.h"
#include "launch/frame/help.h"
#include "launch/frame/options.h"
#include "launch/frame/program.h"
#include "launch/frame/shared_files.h"
#include "launch/run/automatic_slots.h"
#include "launch/run/corpus_fit.h"
#include "launch/run/idle_corpus_keys.h"
#include "launch/run/start_inputs.h"
#include "launch/run/training_corpus.h"
#include "launch/run/training_setup.h"
#include "launch/start/launch_check.h"
#include "launch/tasks/tasks.h"
#include "trainer/estimate/disk_need.h"
#include "trainer/estimate/memory_bound.h"
#include "trainer/estimate/step_probe.h"
#include "worker/comm/together.h"
#include "worker/kernels/amx.h"
#include "worker/kernels/bfloat16_route.h"

namespace lockstep {
namespace {

constexpr const char* kUsage =
    "Trains nothing: checks configuration and corpus, measures a few slots on this machine, and\n"
    "predicts time and memory of a step on others.\n"
    "  lockstep check --config FILE --corpus CORPUS --ranks 16 --bandwidth 10 --latency 30\n"
    "Under mpirun every rank measures, at the same time: start as many as a host will have.\n";

// Bandwidth of the link of a host and latency of a message between two hosts, unless given.
constexpr double kBandwidthGigabits = 10;
constexpr double kLatencyMicroseconds = 30;
// What TCP takes of a core, unless given: system calls, checksums and copies. Between two network
// namespaces it was 1.15 ns for each byte at both ends together; MPI copies the byte besides.
constexpr double kByteNanoseconds = 1;
constexpr double kLeastGigabits = 1e-6;  // a modem
constexpr double kMostReal = 1e9;
constexpr Index kMostRanks = Index{1} << 16;
constexpr double kProbeSeconds = 3;
// What OpenMPI 4.1 takes of a rank, where check runs without it.
constexpr Index kMpiBytes = Index{9} << 20;

constexpr OptionRow kRows[] = {
    {"ranks N", "number of ranks to predict time and memory for; default 1"},
    {"ranks-per-host N", "ranks on each host, which share its network link; default 1"},
    Rare({"cores N",
          "cores of the one machine that all ranks share; default: one for each thread of each "
          "rank"}),
    {"bandwidth GBIT", "bandwidth of a host's network link in Gbit/s; default 10"},
    {"latency MICROSECONDS",
     "time of an empty message between two ranks in microseconds; default 30"},
    Rare({"byte-nanoseconds NS",
          "time that a core works on each byte that its rank sends to or receives from another "
          "host, in nanoseconds; default 1, as with TCP; 0 for adapters that work alone"}),
};

OptionTable Describe() {
  return {{"Configuration", TrainingRows()}, {"Machines to predict for", kRows}};
}

int RankNumber(const Options& options, const std::string& name) {
  const Index ranks = options.Number(name, 1, 1);
  if (ranks > kMostRanks) {
    throw UsageError("--{} is {}; allowed is a whole number from 1 to {}", name, ranks, kMostRanks);
  }
  return static_cast<int>(ranks);
}

Machines MachinesOf(const Options& options, const TrainerOptions& trainer) {
  Machines machines;
  machines.ranks = RankNumber(options, "ranks");
  machines.threads = trainer.threads;
  machines.overlap = trainer.traffic.overlap;
  machines.host_level = trainer.traffic.host_level;
  machines.replicated_share = trainer.traffic.replicated_share;
  machines.ranks_per_host = RankNumber(options, "ranks-per-host");
  machines.cores = options.Number("cores", 0, 1);
  machines.bandwidth =
      1e9 * options.Real("bandwidth", kBandwidthGigabits, kLeastGigabits, kMostReal);
  machines.latency = 1e-6 * options.Real("latency", kLatencyMicroseconds, 0, kMostReal);
  machines.byte_seconds = 1e-9 * options.Real("byte-nanoseconds", kByteNanoseconds, 0, kMostReal);
  return machines;
}

// Powers of two below the number of ranks, and that.
std::vector<int> RankCounts(int ranks) {
  std::vector<int> counts;
  for (int count = 1; count < ranks; count *= 2) counts.push_back(count);
  counts.push_back(ranks);
  return counts;
}

void PrintTable(const ProbeResult& probe, const Machines& machines, const Model<float>& model,
                const CorpusInfo& corpus, const TrainerOptions& options) {
  std::cout << fmt::format("\n{:>6} {:>11} {:>11} {:>11} {:>11} {:>12}\n", "ranks", "step",
                           "computing", "network", "efficiency", "memory/rank");
  for (int ranks : RankCounts(machines.ranks)) {
    Machines some = machines;
    some.ranks = ranks;
    const StepPrediction step =
        PredictStep(probe.costs, some, options.stream.plan.slots, model.layout().size());
    const Index mpi = (ranks > 1 && !probe.has_mpi ? kMpiBytes : 0) +
                      NeighbourBytes(std::min(ranks, machines.ranks_per_host));
    const PlannedJob job{probe.program_bytes + mpi, ranks, ReplicatedShare(some),
                         some.ranks_per_host};
    const Index memory = PredictMostMemory(job, model, corpus, options);
    std::cout << fmt::format("{:>6} {:>9.4f} s {:>9.4f} s {:>9.4f} s {:>9.1f} % {:>8.0f} MiB\n",
                             ranks, step.step(), step.compute, step.communicate,
                             100 * step.efficiency, static_cast<double>(memory) / (1 << 20));
  }
  std::cout
      << "\nnetwork: what computing does not hide. efficiency: the time of one rank / ranks / "
         "the time of these.\nFormulas: docs/scaling.md\n";
}

struct Question {
  Config config;
  std::string folder;
  CorpusInfo corpus;
  TrainerOptions trainer;
  Machines machines;
};

// Collective. Everything that training would refuse is refused here.
void Read(const Communicator& comm, const Options& options, Question* question) {
  Together(comm, [&] {
    FillConfig(options, &question->config);
    question->folder = options.Text("corpus");
  });
  Together(comm, [&] {
    if (comm.rank() == 0) RequireStartInputs(question->config.run());
  });
  question->corpus = ReadTrainingCorpus(comm, question->config.run(), question->folder);
  Together(comm, [&] {
    SettleSlots(0, &question->config);
    CompleteSchema(&question->corpus);
    question->trainer = OptionsFor(question->config, question->corpus);
    question->machines = MachinesOf(options, question->trainer);
    if (comm.rank() == 0) {
      WarnOfIdleWorkers(question->machines.ranks, question->trainer.threads,
                        question->trainer.stream.plan.slots);
      WarnOfIdleKeys(question->config, question->corpus);
    }
  });
}

// The keys by which an epoch has another size than the corpus.
std::vector<const char*> KeysOfEpoch(const Question& question) {
  const RunConfig& run = question.config.run();
  std::vector<const char*> keys;
  if (!MixFromText(run.mix).empty()) keys.push_back("data.mix");
  if (!SourceWeightsFromText(run.source_weights).empty()) keys.push_back("data.source_weights");
  if (question.trainer.stream.plan.cut_steps > 0) keys.push_back("data.cut_steps");
  return keys;
}

void PrintMeasured(const ProbeResult& probe, const Question& question, const Model<float>& model,
                   Isa isa) {
  const SplitInfo& split = question.corpus.Split("train");
  const PlanOptions& plan = question.trainer.stream.plan;
  const Machines& machines = question.machines;
  std::cout << fmt::format(
      "configuration and corpus fit: {} parameters; {} sequences, {} steps to learn from\n"
      "a global batch: up to {} sequences in {} slots of {:.0f} steps on average\n"
      "measured here, {} threads at once: {:.4f} s for a slot ({} computed), {:.4f} s for an "
      "update\n"
      "numerics: {} with {}; {}; {}\n"
      "asked for: {} ranks x {} threads, {} a host, {:g} Gbit/s, {:g} microseconds\n",
      model.layout().count(), split.sequences, split.steps, plan.batch_sequences, plan.slots,
      probe.slot_steps, probe.costs.busy_threads, probe.costs.slot, probe.slots, probe.costs.update,
      PrecisionName(question.trainer.model.encoder.precision), IsaName(isa),
      Bfloat16Text(Bfloat16Gain(isa)), AmxText(AmxGain(isa)), machines.ranks, machines.threads,
      machines.ranks_per_host, machines.bandwidth / 1e9, machines.latency * 1e6);
  if (!plan.source_weights.empty() || plan.cut_steps > 0) {
    const EpochSize epoch =
        CutSize(MeanEpochSize(question.corpus, plan.source_weights), plan.cut_steps);
    std::cout << fmt::format("with {}, an epoch has {:.0f} sequences and {:.0f} steps on average\n",
                             fmt::join(KeysOfEpoch(question), " and "), epoch.sequences,
                             epoch.steps);
  }
  std::cout << fmt::format("disk: {}\n",
                           Describe(NeedOfDisk(model, question.corpus, question.trainer)));
}

// Collective. Reads what a new run starts with, and gives it back: training would refuse what does
// not fit this model.
void TryStartValues(const Communicator& comm, const Question& question, const Model<float>& model) {
  const auto start = ReadStartValues(comm, question.config.run(), question.folder, question.corpus,
                                     question.trainer);
  if (start == nullptr) return;
  Together(comm, [&] {
    AlignedBuffer<float> values(model.layout().size());
    const StartReport report =
        CopyStartValues(*start, model.layout(), model.schema(), values.span());
    const bool is_of_run = question.config.run().start_from != "none";
    if (comm.rank() != 0 || !is_of_run) return;
    std::cout << fmt::format("starts with the parameters of {}: {} of {}\n", report.path,
                             report.taken.size(), report.taken.size() + report.anew.size());
  });
}

ExitCode Check(const Communicator& comm, const Options& options) {
  RequireKnownRanks(comm);
  Question question;
  Read(comm, options, &question);
  const Isa isa = SelectInstructions(comm, question.config.run());
  const TrainerOptions& trainer = question.trainer;
  const auto made = ModelFor(trainer, question.corpus);
  const Model<float>& model = *made;
  TryStartValues(comm, question, model);
  const ProbeResult probe =
      ProbeStep(comm, question.folder, question.corpus, trainer, kProbeSeconds);
  if (comm.rank() != 0) return ExitCode::kDone;
  PrintMeasured(probe, question, model, isa);
  PrintTable(probe, question.machines, model, question.corpus, trainer);
  return ExitCode::kDone;
}

}  // namespace

ExitCode CheckVerb(const Arguments& arguments) {
  const Options options("check", Describe(), arguments);
  if (PrintsHelp(options, kUsage, Describe())) return ExitCode::kDone;
  return WithMpi([&](const Communicator& comm) { return Check(comm, options); });
}

}  // namespace lockstep
