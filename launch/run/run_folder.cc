#include "launch/run/run_folder.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/durable_file.h"
#include "base/error.h"
#include "base/log.h"
#include "trainer/save/state_arrays.h"
#include "worker/comm/together.h"

namespace lockstep {
namespace {

LoadedCheckpoint LoadNewest(const std::string& folder) {
  const auto report = [](const CheckpointEntry& entry, const std::string& why) {
    LogWarning("checkpoint {} is damaged and skipped: {}", entry.path, why);
  };
  std::optional<LoadedCheckpoint> loaded = LoadNewestValid(folder, report);
  if (!loaded) throw MissingInput("no checkpoint in {}; train the run first", folder);
  return std::move(*loaded);
}

LoadedCheckpoint LoadStep(const std::string& folder, Index step) {
  const std::string path = CheckpointPath(folder, step);
  return {{step, path}, ReadCheckpoint(path)};
}

// What a step of a sample is, and how its features were computed. The same text for what one model
// can read.
std::string FieldsText(const CorpusInfo& corpus) {
  const std::string targets =
      corpus.targets_per_step ? "a class for each step" : "targets of their own length";
  if (corpus.inputs.type != ElementType::kFloat32) return targets;
  return fmt::format("{} features a frame {}, {}", corpus.inputs.width,
                     corpus.features.empty() ? "of unknown origin" : corpus.features, targets);
}

LoadedCheckpoint LoadWanted(const std::string& folder, const std::string& which) {
  if (which == "best" || which == "newest") {
    LoadedCheckpoint newest = LoadNewest(folder);
    if (which == "newest") return newest;
    const TrainingState state = StateFromJson(newest.content.state, newest.entry.path);
    if (!state.has_best || state.best_step == state.step) return newest;
    if (!std::filesystem::exists(CheckpointPath(folder, state.best_step))) {
      LogWarning("the best checkpoint, of step {}, is not there; {} serves", state.best_step,
                 newest.entry.path);
      return newest;
    }
    return LoadStep(folder, state.best_step);
  }
  constexpr std::size_t kMostDigits = 12;  // of a step in a file name
  if (which.empty() || which.size() > kMostDigits ||
      which.find_first_not_of("0123456789") != std::string::npos) {
    throw UsageError("--checkpoint is \"{}\"; allowed are best, newest and a step", which);
  }
  return LoadStep(folder, std::stoll(which));
}

// A state can be carried forward only, and a loss of a part needs targets of its own.
void CheckParts(const TaggerOptions& model, const StreamOptions& stream) {
  if (stream.part_steps == 0) return;
  if (model.ctc) {
    throw UsageError(
        "train.bptt_steps = {} needs a target for each step; the corpus has targets of their own "
        "length: set train.bptt_steps = 0",
        stream.part_steps);
  }
  if (model.bidirectional) {
    throw UsageError(
        "train.bptt_steps = {} carries states forward only: set model.bidirectional = false, or "
        "train.bptt_steps = 0",
        stream.part_steps);
  }
}

}  // namespace

void SetCorpusSizes(const CorpusInfo& corpus, TaggerOptions* model, StreamOptions* stream) {
  model->symbols = static_cast<Index>(corpus.symbols.size());
  model->feature_width = corpus.inputs.width * stream->frames.stack;
  model->classes = static_cast<Index>(corpus.classes.size());
  model->ctc = !corpus.targets_per_step;
  CheckParts(*model, *stream);
  if (corpus.features.empty()) return;
  stream->frames.bins = nlohmann::json::parse(corpus.features).value("bins", Index{0});
}

void WriteRunFiles(const std::string& run_folder, const Config& config, const CorpusInfo& corpus,
                   FunctionRef<void()> before_commit) {
  ReplaceDurably(run_folder + "/config.toml", config.ToToml(), before_commit);
  ReplaceDurably(run_folder + "/" + kCorpusIndexName, CorpusToJson(corpus), before_commit);
}

CorpusInfo ReadRunCorpus(const std::string& run_folder) { return ReadCorpusInfo(run_folder); }

void WriteCompletionMark(const std::string& run_folder, const TrainingState& state,
                         FunctionRef<void()> before_commit) {
  const nlohmann::ordered_json mark = {
      {"step", state.step}, {"epoch", state.cursor.epoch}, {"skipped", state.skipped}};
  ReplaceDurably(run_folder + "/done.json", mark.dump() + "\n", before_commit);
}

void RemoveCompletionMark(const std::string& run_folder) {
  RemoveDurably(run_folder + "/done.json");
}

void CheckSameFields(const std::string& run_folder, const CorpusInfo& run,
                     const std::string& corpus_folder, const CorpusInfo& corpus) {
  if (run.symbols != corpus.symbols || run.classes != corpus.classes) {
    throw UsageError(
        "corpus {} has the symbols [{}] and the classes [{}], run {} has [{}] and [{}]",
        corpus_folder, fmt::join(corpus.symbols, ", "), fmt::join(corpus.classes, ", "), run_folder,
        fmt::join(run.symbols, ", "), fmt::join(run.classes, ", "));
  }
  const std::string of_corpus = FieldsText(corpus), of_run = FieldsText(run);
  if (of_corpus == of_run) return;
  throw UsageError(
      "corpus {} has {}; run {} was trained on {}; prepare the corpus with the options of the "
      "run's",
      corpus_folder, of_corpus, run_folder, of_run);
}

std::string IsaOfNewestCheckpoint(const std::string& run_folder) {
  for (const CheckpointEntry& entry : ListCheckpoints(run_folder + "/checkpoints")) {
    try {
      return StateFromJson(VerifyCheckpoint(entry.path), entry.path).isa;
    } catch (const InputError&) {
      continue;  // damaged: whoever resumes will say so
    }
  }
  return "";
}

namespace {

// All but the parameters.
void BuildModel(const std::string& state, const CorpusInfo& corpus, TrainedModel* trained) {
  trained->state = StateFromJson(state, trained->path);
  for (const auto& [key, value] : trained->state.config) {
    trained->config.Set(key, value, trained->path);
  }
  trained->config.Finish();
  TaggerOptions options = trained->config.run().trainer.model;
  trained->stream = trained->config.run().trainer.stream;
  SetCorpusSizes(corpus, &options, &trained->stream);
  trained->model = std::make_unique<Tagger<float>>(options);
  trained->values = AlignedBuffer<float>(trained->model->layout().size());
}

}  // namespace

std::unique_ptr<TrainedModel> LoadTrainedModel(const Communicator& comm,
                                               const std::string& run_folder,
                                               const CorpusInfo& corpus, const std::string& which) {
  auto trained = std::make_unique<TrainedModel>();
  LoadedCheckpoint loaded;
  Together(comm, [&] {
    if (comm.rank() == 0) loaded = LoadWanted(run_folder + "/checkpoints", which);
  });
  trained->path = loaded.entry.path;
  std::string state = loaded.content.state;
  comm.Broadcast(&trained->path);
  comm.Broadcast(&state);
  Together(comm, [&] {
    BuildModel(state, corpus, trained.get());
    if (comm.rank() != 0) return;
    RestoreParameters(loaded.content, trained->path, trained->model->layout(),
                      trained->values.span());
  });
  comm.BroadcastFloats(trained->values.span());
  return trained;
}

}  // namespace lockstep
