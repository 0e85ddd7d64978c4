#include "launch/run/run_folder.h"

#include <algorithm>
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

// A vocabulary may have many thousands of names: a message shows the first of them.
std::string ListOfNames(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 20;
  const std::size_t shown = std::min(kShown, names.size());
  const std::string more =
      names.size() > shown ? fmt::format(", and {} more", names.size() - shown) : "";
  return fmt::format(
      "{}{}", fmt::join(names.begin(), names.begin() + static_cast<Index>(shown), ", "), more);
}

// What a sample is made of, but for the names of ids, and how its features were computed. The same
// text for what one model can read.
std::string FieldsText(const CorpusInfo& corpus) {
  std::string text;
  for (const Field& field : corpus.schema.fields) {
    text += fmt::format("{}\"{}\" ({}{}, aligned by {})", text.empty() ? "" : ", ", field.name,
                        field.is_real() ? "real values" : "ids",
                        field.is_real() ? fmt::format(" x {}", field.width) : "",
                        AlignmentName(field.alignment));
  }
  if (!corpus.leading().is_real()) return text;
  return fmt::format("{}, features {}", text,
                     corpus.features.empty() ? "of unknown origin" : corpus.features);
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

}  // namespace

void SetFrameBins(const CorpusInfo& corpus, StreamOptions* stream) {
  if (corpus.features.empty()) return;
  stream->frames.bins = nlohmann::json::parse(corpus.features).value("bins", Index{0});
}

std::unique_ptr<Model<float>> ModelFor(const TrainerOptions& options, const CorpusInfo& corpus) {
  auto model = MakeModel<float>(options.model, BatchSchema(corpus, options.stream));
  if (options.stream.part_steps == 0 || model->carried().arrays > 0) return model;
  throw UsageError(
      "train.bptt_steps = {} cuts sequences into parts and carries states from one to the next, "
      "which needs a target "
      "for each step and layers of one direction: set model.bidirectional = false and model.layers "
      "to 1 or more, or "
      "train.bptt_steps = 0",
      options.stream.part_steps);
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
  if (run.symbols() != corpus.symbols() || run.classes() != corpus.classes()) {
    throw UsageError(
        "corpus {} has the symbols [{}] and the classes [{}], run {} has [{}] and [{}]",
        corpus_folder, ListOfNames(corpus.symbols()), ListOfNames(corpus.classes()), run_folder,
        ListOfNames(run.symbols()), ListOfNames(run.classes()));
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
  const TrainerOptions& options = trained->config.run().trainer;
  trained->stream = options.stream;
  SetFrameBins(corpus, &trained->stream);
  trained->model = ModelFor(options, corpus);
  trained->stream.labels_must_fit = trained->model->labels_must_fit();
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
