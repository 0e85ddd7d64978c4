#include "launch/doctor/kill_and_resume.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/durable_file.h"
#include "base/json_number.h"
#include "base/json_text.h"
#include "base/phase_timer.h"
#include "checkpoint/checkpoint_folder.h"
#include "data/dna/synthetic_dna.h"
#include "launch/doctor/child_program.h"
#include "trainer/save/training_state.h"

namespace lockstep {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTopic = "resume";
constexpr Index kSteps = 30;
constexpr int kKills = 4;
constexpr double kMostSeconds = 12;  // limit for the whole trial, in fair seconds of the watch
constexpr double kWaitForSaveSeconds = 0.5;

struct Trial {
  std::string folder;
  PhaseWatch* watch;
  Janitor* janitor;
  double until;
  std::string corpus() const { return folder + "/corpus"; }
  std::string run(const std::string& name) const { return folder + "/" + name; }
  std::string log() const { return folder + "/log.txt"; }
  bool late() const { return watch->FairSeconds() > until; }
};

void MakeCorpus(const Trial& trial) {
  SyntheticDnaOptions options;
  options.bases = 20000;
  options.out = trial.corpus();
  options.cut.window = 100;
  options.cut.ranges.train = "1-20000";
  PrepareSyntheticDna(options);
}

// The command of the training. It writes a state of half a MiB after every step.
std::vector<std::string> TrainWords(const Trial& trial, const std::string& name) {
  std::vector<std::string> words = {"train",         "--corpus", trial.corpus(),        "--run",
                                    trial.run(name), "--steps",  std::to_string(kSteps)};
  for (const char* setting :
       {"model.hidden_size=56", "batch.sequences=8", "batch.slots=2", "checkpoint.every=1",
        "checkpoint.keep=2", "log.every=1", "log.progress_bar=false"}) {
    words.insert(words.end(), {"--set", setting});
  }
  return words;
}

std::string LastLine(const std::string& path) {
  std::ifstream file(path);
  std::string last;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty()) last = line;
  }
  return last;
}

void RequireDone(const Trial& trial, const ChildProgram& child) {
  if (child.exit_code() == 0) return;
  const bool known = child.exit_code() >= 64 && child.exit_code() <= 80;
  throw Error(known ? static_cast<ExitCode>(child.exit_code()) : ExitCode::kInternal,
              fmt::format("a training in the run folder ended with code {}: {}", child.exit_code(),
                          LastLine(trial.log())));
}

// Runs the training to its end. Returns false if that took too long and was given up.
bool RunToTheEnd(const Trial& trial, const std::string& name) {
  ChildProgram child(TrainWords(trial, name), trial.log(), trial.janitor);
  while (!child.Ended()) {
    if (trial.late()) return false;
    ::usleep(1000);
  }
  RequireDone(trial, child);
  return true;
}

bool IsBeingSaved(const std::string& checkpoints) {
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(checkpoints, error)) {
    if (entry.path().filename().string().starts_with(".tmp-")) return true;
  }
  return false;
}

Index NewestStep(const std::string& checkpoints) {
  std::error_code error;
  if (!fs::is_directory(checkpoints, error)) return 0;
  const std::vector<CheckpointEntry> entries = ListCheckpoints(checkpoints);
  return entries.empty() ? 0 : entries[0].step;
}

// Starts or resumes the run and kills it in the first save after `step`.
void KillAfter(const Trial& trial, const std::string& name, Index step, ResumeFacts* facts) {
  const std::string checkpoints = trial.run(name) + "/checkpoints";
  ChildProgram child(TrainWords(trial, name), trial.log(), trial.janitor);
  while (NewestStep(checkpoints) < step && !child.Ended() && !trial.late()) ::usleep(200);
  const double until = Seconds() + kWaitForSaveSeconds;
  while (!IsBeingSaved(checkpoints) && !child.Ended() && Seconds() < until) {
  }
  if (child.Ended()) return RequireDone(trial, child);
  child.Kill();
  ++facts->kills;
  facts->kills_in_save += IsBeingSaved(checkpoints) ? 1 : 0;
}

std::string ParametersHash(const Trial& trial, const std::string& name) {
  const std::string path = CheckpointPath(trial.run(name) + "/checkpoints", kSteps);
  return StateFromJson(VerifyCheckpoint(path), path).parameters_hash;
}

// The step and the loss of each line of metrics.jsonl, without the values that depend on time.
std::vector<std::pair<Index, double>> Losses(const Trial& trial, const std::string& name) {
  std::vector<std::pair<Index, double>> losses;
  std::ifstream file(trial.run(name) + "/metrics.jsonl");
  for (std::string line; std::getline(file, line);) {
    const auto object = ParseJson(line);
    if (object.value("kind", "") != "step") continue;
    losses.emplace_back(IndexFrom(object.at("step")), object.value("loss", 0.0));
  }
  return losses;
}

void Compare(const Trial& trial) {
  if (ParametersHash(trial, "whole") != ParametersHash(trial, "killed")) {
    throw IoError(
        "a training that was killed and resumed ended with other parameters than one "
        "that was not");
  }
  const auto whole = Losses(trial, "whole");
  if (whole.size() != kSteps || whole != Losses(trial, "killed")) {
    throw IoError(
        "metrics.jsonl of a training that was killed and resumed differs from that of one "
        "that was not");
  }
}

bool Run(const Trial& trial, ResumeFacts* facts) {
  trial.watch->Doing("making a small corpus in " + trial.folder);
  MakeCorpus(trial);
  trial.watch->Doing("training in " + trial.folder);
  if (!RunToTheEnd(trial, "whole")) return false;
  trial.watch->Doing("killing and resuming a training in " + trial.folder);
  for (int i = 0; i < kKills; ++i) {
    KillAfter(trial, "killed", kSteps * (i + 1) / (kKills + 2), facts);
    if (trial.late()) return false;
  }
  if (!RunToTheEnd(trial, "killed")) return false;
  Compare(trial);
  return true;
}

}  // namespace

ResumeFacts TryKillAndResume(const std::string& folder, PhaseWatch* watch, Janitor* janitor) {
  ResumeFacts facts;
  facts.steps = kSteps;
  const double start = Seconds();
  try {
    facts.in_time = Run({folder, watch, janitor, watch->FairSeconds() + kMostSeconds}, &facts);
  } catch (const Error& error) {
    facts.failed = error.what();
    facts.failure = error.code();
  } catch (const std::exception& error) {
    facts.failed = error.what();
    facts.failure = ExitCode::kInternal;
  }
  facts.seconds = Seconds() - start;
  return facts;
}

Findings JudgeResume(const ResumeFacts& facts) {
  Findings findings;
  if (!facts.failed.empty()) {
    AddProblem(
        &findings, kTopic, facts.failure, facts.failed,
        "runs in this folder may not survive a kill: fix the problem that the line names, or "
        "choose another --run");
  } else if (!facts.in_time) {
    AddWarning(&findings, kTopic,
               fmt::format("{} steps with a checkpoint each, killed and resumed, did not end in "
                           "{:.0f} s ({} kills so far): saving is slow here, or the machine busy",
                           facts.steps, facts.seconds, facts.kills),
               "try again on a machine at rest; choose a faster file system for --run");
  } else {
    AddOk(&findings, kTopic,
          fmt::format("a training of {} steps in the run folder, killed {} times ({} while a file "
                      "was written) and resumed, ends with the parameters and losses of one left "
                      "alone ({:.1f} s)",
                      facts.steps, facts.kills, facts.kills_in_save, facts.seconds));
  }
  return findings;
}

}  // namespace lockstep
