#include <algorithm>
#include <filesystem>
#include <iostream>

#include "base/duration.h"
#include "launch/config/agreement.h"
#include "launch/frame/help.h"
#include "launch/run/automatic_slots.h"
#include "launch/run/corpus_fit.h"
#include "launch/run/idle_corpus_keys.h"
#include "launch/run/run_folder.h"
#include "launch/run/start_inputs.h"
#include "launch/run/training_corpus.h"
#include "launch/run/training_setup.h"
#include "launch/slurm/job_script.h"
#include "launch/slurm/save_time.h"
#include "launch/tasks/tasks.h"
#include "trainer/step/optimizer.h"

namespace lockstep {
namespace {

constexpr const char* kUsage =
    "Prints the SLURM script of a run, which queues itself again until the run is done. Submits\n"
    "nothing.\n"
    "  lockstep job --nodes 4 --tasks-per-node 8 --time 4:00:00 --config FILE --corpus CORPUS\n"
    "      --run RUN > RUN.sbatch\n";

constexpr OptionRow kRows[] = {
    {"run RUN", "run folder; made if it is missing, continued if it holds a run"},
    {"nodes N", "number of nodes of the job; default 1"},
    {"tasks-per-node N", "ranks on each node; default 1"},
    {"time TIME",
     "time limit of each start of the job: 4h, 90m, 1d12h, or as sbatch takes it: 90 (minutes), "
     "4:00:00, 1-12:00:00"},
    {"lead SECONDS",
     "seconds before the time limit at which the ranks save and end; default: 120 and the measured "
     "time of a save"},
    {"name NAME", "name of the job in the queue; default lockstep"},
    {"output FILE",
     "file for what the job prints; default lockstep-%j.out, %j being the job's number"},
    {"sbatch OPTION", "another option for sbatch, may be repeated: --sbatch=--partition=long",
     OptionKind::kRepeated},
};

OptionTable Describe() { return {{"Job", kRows}, {"Configuration", TrainingRows()}}; }

std::string Absolute(const std::string& path) {
  return std::filesystem::absolute(path).lexically_normal().string();
}

// Those of train, with absolute paths where options name them. Relative ones in the values of keys
// stay, as runs compare these values; the script enters the folder in which it was made.
std::vector<std::string> TrainingWords(const Options& options) {
  std::vector<std::string> words;
  for (const char* name : {"config", "corpus"}) {
    if (const auto path = options.Maybe(name)) {
      words.insert(words.end(), {fmt::format("--{}", name), Absolute(*path)});
    }
  }
  for (const char* name : {"steps", "epochs", "seed", "time-limit"}) {
    if (const auto value = options.Maybe(name)) {
      words.insert(words.end(), {fmt::format("--{}", name), *value});
    }
  }
  for (const std::string& assignment : options.List("set")) {
    words.insert(words.end(), {"--set", assignment});
  }
  return words;
}

// Parameters and moments.
Index StateBytes(const TrainerOptions& options, const CorpusInfo& corpus) {
  const Index arrays = 1 + static_cast<Index>(Optimizer::MomentNames(options.optimizer).size());
  return arrays * ModelFor(options, corpus)->layout().size() * static_cast<Index>(sizeof(float));
}

// A time with units, which sbatch does not know, in a form that it knows; any other as it is: there
// 90 means minutes.
std::string SbatchTime(const std::string& text) {
  const std::optional<double> seconds = SecondsFromText(text);
  if (!seconds || text.find_first_of("dhms") == text.npos) return text;
  const auto total = static_cast<Index>(*seconds);
  return fmt::format("{}-{:02}:{:02}:{:02}", total / 86400, total / 3600 % 24, total / 60 % 60,
                     total % 60);
}

JobOptions JobOf(const Options& options, const Config& config, const TrainerOptions& trainer,
                 const CorpusInfo& corpus) {
  JobOptions job;
  job.name = options.Maybe("name").value_or(job.name);
  job.nodes = options.Number("nodes", 1, 1);
  job.tasks_per_node = options.Number("tasks-per-node", 1, 1);
  job.threads = config.run().trainer.threads;
  job.time = SbatchTime(options.Text("time"));
  job.output = options.Maybe("output").value_or("lockstep-%j.out");
  job.more = options.List("sbatch");
  job.program = std::filesystem::read_symlink("/proc/self/exe").string();
  job.folder = std::filesystem::current_path().string();
  job.run_folder = Absolute(options.Text("run"));
  job.words = TrainingWords(options);
  job.lead_seconds =
      options.Has("lead")
          ? options.Number("lead", 0, 1)
          : LeadSeconds(MeasureSaveSeconds(job.run_folder, StateBytes(trainer, corpus)));
  return job;
}

// What sbatch, or the program under it, would refuse hours later.
void Check(const JobOptions& job) {
  const std::optional<Index> limit = SlurmSeconds(job.time);
  if (!limit || *limit == 0) {
    throw UsageError(
        "--time is \"{}\"; allowed are 4h, 90m, 1d12h, and as for sbatch minutes, "
        "[hours:]minutes:seconds and days-hours[:minutes[:seconds]]",
        job.time);
  }
  if (job.lead_seconds >= *limit) {
    throw UsageError("--lead is {} seconds, the time limit {}; training would have no time",
                     job.lead_seconds, *limit);
  }
}

}  // namespace

ExitCode JobVerb(const Arguments& arguments) {
  const Options options("job", Describe(), arguments);
  if (PrintsHelp(options, kUsage, Describe())) return ExitCode::kDone;
  Config config;
  FillConfig(options, &config);
  // A job that waited for days should not fail on its corpus.
  CorpusInfo corpus = ReadTrainingCorpus(config.run(), options.Text("corpus"));
  CompleteSchema(&corpus);
  const TrainerOptions trainer = OptionsFor(config, corpus);
  // A run that has begun goes on from its own parameters.
  if (!HoldsRun(options.Text("run"))) RequireStartInputs(config.run());
  const JobOptions job = JobOf(options, config, trainer, corpus);
  SettleSlots(0, &config);
  WarnOfIdleWorkers(job.nodes * job.tasks_per_node, job.threads,
                    config.run().trainer.stream.plan.slots);
  WarnOfIdleKeys(config, corpus);
  Check(job);
  std::cout << JobScript(job);
  return ExitCode::kDone;
}

}  // namespace lockstep
