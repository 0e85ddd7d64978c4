#include "launch/run/trained_model.h"

#include <filesystem>

#include "base/error.h"
#include "checkpoint/checkpoint_folder.h"
#include "launch/config/agreement.h"
#include "launch/run/best_checkpoint.h"
#include "launch/run/corpus_fit.h"
#include "launch/run/once_words.h"
#include "launch/run/target_units.h"
#include "trainer/save/checkpoint_average.h"
#include "trainer/save/state_arrays.h"
#include "worker/comm/together.h"

namespace lockstep {
namespace {

LoadedCheckpoint LoadStep(const std::string& folder, Index step) {
  const std::string path = CheckpointPath(folder, step);
  if (!std::filesystem::exists(path)) {
    std::vector<Index> steps;
    for (const CheckpointEntry& entry : ListCheckpoints(folder)) steps.push_back(entry.step);
    throw MissingInput(
        "cannot open {}: No such file or directory; steps that have a checkpoint: {}", path,
        steps.empty() ? "none" : fmt::format("{}", fmt::join(steps, ", ")));
  }
  return LoadFile(path);
}

LoadedCheckpoint LoadWanted(const std::string& folder, const CheckpointChoice& choice) {
  if (choice.average > 0) {
    return LoadAverage(
        folder, choice.average, [](Index /*step*/) { return true; }, WarnOfDamage);
  }
  const std::string& which = choice.name;
  if (which == "average") return LoadWrittenAverage(folder);
  if (which == "newest") return LoadNewest(folder);
  if (which == "best") return LoadBest(folder);
  constexpr std::size_t kMostDigits = 12;  // of a step in a file name
  if (which.empty() || which.size() > kMostDigits ||
      which.find_first_not_of("0123456789") != std::string::npos) {
    throw UsageError(
        "--checkpoint is \"{}\"; allowed are best, newest, average and the number of a step",
        which);
  }
  return LoadStep(folder, std::stoll(which));
}

// All but the parameters.
void BuildModel(const std::string& state, const CorpusInfo& corpus, TrainedModel* trained) {
  trained->state = StateFromJson(state, trained->path);
  SetConfig(trained->state, trained->path, &trained->config);
  TrainerOptions options = trained->config.run().trainer;
  options.model.head.target_scales = TargetScales(corpus);
  SetOnceWords(corpus, &options.model.encoder.words);
  trained->stream = options.stream;
  SetFrameBins(corpus, &trained->stream);
  trained->model = ModelFor(options, corpus);
  trained->stream.labels_must_fit = trained->model->labels_must_fit();
}

// Whether the running average beside the parameters is what `choice` wants.
bool WantsRunningAverage(const CheckpointChoice& choice, const TrainedModel& trained) {
  const TrainerOptions& options = trained.config.run().trainer;
  const TrainingState& state = trained.state;
  const bool has = HoldsRunningAverage(options, state);
  if (choice.weights == "average" && choice.average > 0) {
    throw UsageError(
        "--average {} is a mean of the parameters of checkpoints, --weights average the running "
        "average in one of them: leave one of the two out",
        choice.average);
  }
  if (choice.weights == "average" && !has && state.averaged_by.empty()) {
    throw UsageError(
        "--weights average: {} holds no running average of its parameters; train with "
        "train.average_weights, or leave --weights out",
        trained.path);
  }
  if (choice.weights == "last" && !state.averaged_by.empty()) {
    throw UsageError("--weights last: {} holds nothing but an average; choose another --checkpoint",
                     trained.path);
  }
  return has &&
         (choice.weights == "average" || (choice.weights == "auto" && options.validation.average));
}

// Rank 0. Sets the parameters, and enters into the state what they are.
void TakeParameters(const CheckpointChoice& choice, LoadedCheckpoint* loaded,
                    TrainedModel* trained) {
  const ParameterLayout& layout = trained->model->layout();
  if (WantsRunningAverage(choice, *trained)) {
    TakeRunningAverage(trained->path, layout, &loaded->content);
    trained->state = StateFromJson(loaded->content.state, trained->path);
  }
  RestoreParameters(loaded->content, trained->path, layout, trained->values.span());
  CheckValues(trained->state.parameters_hash, trained->path, layout, trained->values.span());
  if (trained->state.averaged_steps.empty()) return;
  trained->state.parameters_hash = HashParameters(layout, trained->values.span());
}

}  // namespace

std::span<const OptionRow> CheckpointRows() {
  static constexpr OptionRow kRows[] = {
      {"checkpoint NAME",
       "checkpoint to use: best (of the best validation, see validation.metric), newest, average "
       "(what training wrote at its end, see train.average and train.average_weights), or a step; "
       "default best"},
      Rare({"average N",
            "uses the mean of the parameters of the newest N checkpoints of the run instead of a "
            "single one; 1 or more"}),
      Rare({"weights NAME",
            "which parameters of the checkpoint: last (of its step), average (the running average "
            "that it holds if train.average_weights is set) or auto (what validations of the run "
            "used, see validation.average); default auto"}),
  };
  return kRows;
}

CheckpointChoice ChosenCheckpoint(const Options& options) {
  if (options.Has("checkpoint") && options.Has("average")) {
    throw UsageError(
        "--checkpoint and --average exclude each other: --average N is the mean of the newest N "
        "checkpoints, --checkpoint average the one that training wrote");
  }
  const std::string weights = options.Maybe("weights").value_or("auto");
  if (weights != "auto" && weights != "last" && weights != "average") {
    throw UsageError("--weights is \"{}\"; allowed are auto, last and average", weights);
  }
  return {options.Maybe("checkpoint").value_or("best"), options.Number("average", 0, 1), weights};
}

std::string Describe(const TrainedModel& trained) {
  const TrainingState& state = trained.state;
  if (state.averaged_steps.empty()) return fmt::format("{} (step {})", trained.path, state.step);
  return fmt::format("{} ({})", trained.path, DescribeAverage(state));
}

std::unique_ptr<TrainedModel> LoadTrainedModel(const Communicator& comm,
                                               const std::string& run_folder,
                                               const CorpusInfo& corpus,
                                               const CheckpointChoice& choice) {
  auto trained = std::make_unique<TrainedModel>();
  LoadedCheckpoint loaded;
  Together(comm, [&] {
    if (comm.rank() == 0) loaded = LoadWanted(run_folder + "/checkpoints", choice);
  });
  trained->path = loaded.entry.path;
  std::string state = loaded.content.state;
  comm.Broadcast(&trained->path);
  comm.Broadcast(&state);
  Together(comm, [&] {
    BuildModel(state, corpus, trained.get());
    if (comm.rank() == 0) CheckParameters(loaded.content, trained->path, trained->model->layout());
  });
  Together(comm, [&] {
    trained->values = AlignedBuffer<float>(trained->model->layout().size());
    if (comm.rank() == 0) TakeParameters(choice, &loaded, trained.get());
  });
  comm.BroadcastFloats(trained->values.span());
  return trained;
}

std::unique_ptr<TrainedModel> LoadForPrediction(const Communicator& comm, const Options& options,
                                                const CorpusInfo& corpus) {
  CheckpointChoice choice;
  Together(comm, [&] { choice = ChosenCheckpoint(options); });
  auto trained = LoadTrainedModel(comm, options.Text("run"), corpus, choice);
  SelectInstructions(comm, trained->config.run(), trained->state.isa);
  return trained;
}

}  // namespace lockstep
