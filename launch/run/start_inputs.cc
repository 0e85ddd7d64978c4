#include "launch/run/start_inputs.h"

#include <filesystem>

#include "base/error.h"
#include "launch/frame/stored_path.h"
#include "launch/run/run_folder.h"
#include "launch/run/start_embeddings.h"
#include "launch/run/trained_model.h"
#include "worker/comm/together.h"

namespace lockstep {
namespace {

// train.start_parts says what is taken of another run; without one it would have no effect.
void RefusePartsAlone(const RunConfig& run) {
  if (run.start_parts == "*" || run.start_from != "none") return;
  throw UsageError(
      "train.start_parts is \"{}\", but there is no run to take these parameters from; set "
      "train.start_from to one, or leave out train.start_parts",
      run.start_parts);
}

void RefuseOtherInputs(const std::string& run_folder, const CorpusInfo& of_run,
                       const std::string& corpus_folder, const CorpusInfo& corpus) {
  const auto what = [](bool is_real) { return is_real ? "real values" : "symbols"; };
  const bool is_real = corpus.leading().is_real();
  if (of_run.leading().is_real() == is_real) return;
  throw UsageError(
      "train.start_from: run {} reads {}, but corpus {} has {}; take a run that "
      "reads {}",
      run_folder, what(!is_real), corpus_folder, what(is_real), what(is_real));
}

}  // namespace

void RequireStartInputs(const RunConfig& run) {
  if (run.start_from != "none") RequireRunFolder(run.start_from);
  std::error_code error;
  if (run.embeddings == "none" || std::filesystem::exists(run.embeddings, error)) return;
  throw MissingInput("model.embeddings: there is no file {}", run.embeddings);
}

std::unique_ptr<StartValues> ReadStartValues(const Communicator& comm, const RunConfig& run,
                                             const std::string& corpus_folder,
                                             const CorpusInfo& corpus,
                                             const TrainerOptions& options) {
  Together(comm, [&] { RefusePartsAlone(run); });
  if (run.embeddings != "none") return ReadStartEmbeddings(comm, run.embeddings, options, corpus);
  if (run.start_from == "none") return nullptr;
  const CorpusInfo of_run = ReadSharedRunCorpus(comm, run.start_from);
  Together(comm, [&] { RefuseOtherInputs(run.start_from, of_run, corpus_folder, corpus); });
  const auto trained = LoadTrainedModel(comm, run.start_from, of_run, {});
  auto values = std::make_unique<StartValues>();
  values->path = trained->path;
  values->infos = trained->model->layout().infos();
  values->schema = trained->model->schema();
  values->values = std::move(trained->values);
  values->parts = run.start_parts;
  return values;
}

}  // namespace lockstep
