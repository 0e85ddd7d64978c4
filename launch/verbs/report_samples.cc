#include "launch/verbs/report_samples.h"

#include <filesystem>

#include "base/error.h"
#include "checkpoint/checkpoint_folder.h"
#include "data/corpus/joined_corpus.h"
#include "launch/config/agreement.h"
#include "launch/output/svg_text.h"
#include "launch/run/corpus_fit.h"
#include "launch/run/label_parts.h"
#include "launch/run/run_folder.h"
#include "launch/tasks/tasks.h"
#include "launch/verbs/target_parts.h"
#include "trainer/save/checkpoint_average.h"

namespace lockstep {
namespace {

bool HasCheckpoint(const std::string& run_folder) {
  const std::string folder = run_folder + "/checkpoints";
  return std::filesystem::exists(folder) &&
         (!ListCheckpoints(folder).empty() || std::filesystem::exists(AveragePath(folder)));
}

struct SampleFolder {
  std::string path;     // empty where there is none
  std::string problem;  // then why
};

// --corpus, or the corpus that the run was last started with if that is what the run was trained
// on.
SampleFolder FindSamples(const Options& options, const std::string& run_folder,
                         const CorpusInfo& of_run) {
  if (const auto folder = options.Maybe("corpus")) return {*folder, ""};
  const std::string folder = CorpusOfLastStart(run_folder);
  if (folder.empty()) return {"", "The run folder does not say where its corpus is."};
  if (!std::filesystem::exists(folder + "/" + kCorpusIndexName))
    return {"", fmt::format("The corpus {} that the run was trained on is not there.", folder)};
  try {
    if (ReadCorpusInfo(folder).hash == HashesOf(of_run).front()) return {folder, ""};
  } catch (const InputError&) {  // another thing has this name by now
  }
  return {"", folder + " is no longer the corpus that the run was trained on."};
}

// Collective of one process. What the model makes of samples; nothing before the first checkpoint.
ReportParts PartsOf(const Communicator& comm, const Options& options) {
  const std::string run_folder = options.Text("run");
  if (options.Has("no-samples") || !HasCheckpoint(run_folder)) return {};
  SplitTest test;
  test.split = options.Maybe("split").value_or("valid");
  CorpusInfo corpus = ReadRunCorpus(run_folder);
  const SampleFolder samples = FindSamples(options, run_folder, corpus);
  test.folder = samples.path;
  if (!test.folder.empty()) {
    CorpusInfo given = ReadCorpusInfo(test.folder);
    CheckSameFields(run_folder, corpus, test.folder, given);
    corpus = std::move(given);
    corpus.Split(test.split);
  }
  CompleteSchema(&corpus);
  const auto trained = LoadTrainedModel(comm, run_folder, corpus, {});
  SelectInstructions(comm, trained->config.run(), trained->state.isa);
  test.corpus = &corpus;
  test.trained = trained.get();
  const Task* const task = TaskOf(corpus.kind);
  const bool has_own = task != nullptr && task->report_parts != nullptr;
  const auto usual = corpus.target().is_real() ? MakeTargetParts : MakeLabelParts;
  ReportParts parts = (has_own ? task->report_parts : usual)(comm, test);
  if (!samples.problem.empty()) {
    parts.push_back({"Samples", fmt::format("<p>There are none. {} --corpus FOLDER takes those of "
                                            "another place.</p>\n",
                                            XmlText(samples.problem))});
  }
  return parts;
}

}  // namespace

ReportParts PartsOfSamples(const Options& options) {
  try {
    return PartsOf(Communicator::Single(), options);
  } catch (const Error& error) {
    if (options.Has("corpus") || options.Has("split")) throw;
    return {
        {"Samples", fmt::format("<p>They could not be shown: {}</p>\n", XmlText(error.what()))}};
  }
}

}  // namespace lockstep
