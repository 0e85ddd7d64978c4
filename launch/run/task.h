// A task: what prepare, predict, evaluate and generate know of one field of use, such as the
// recognition of sound. The verbs find the tasks in one table (launch/tasks/tasks.h) and know none
// by name.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "data/corpus/shard_format.h"
#include "launch/frame/options.h"
#include "launch/output/report_part.h"
#include "launch/run/scoring.h"

namespace lockstep {

struct Task {
  const char* kind;     // the word after `lockstep prepare`, and CorpusInfo::kind
  const char* summary;  // one line for the help of prepare
  ExitCode (*prepare)(const Arguments& arguments);  // `arguments` are those after that word
  bool prepares_on_ranks = false;  // `prepare` is collective; else it works in one process

  // ---- train; null, or a warning about a corpus that is little suited to training, empty if there
  // is none.
  std::string (*training_warning)(const CorpusInfo& corpus) = nullptr;

  // ---- verify; null, or checks the files of a corpus beside its index and shards: calls
  // check(path, run) for each file, where run() throws if the file is not that of the corpus.
  using CheckFile = std::function<void(const std::string& path, const std::function<void()>& run)>;
  void (*verify_corpus)(const std::string& folder, const CorpusInfo& corpus,
                        const CheckFile& check) = nullptr;

  // ---- predict; where `source` is null, only the scores of a split can be had (--logits).
  const char* source = nullptr;                    // the option that names new data, "fasta"
  std::span<const char* const> more_sources = {};  // other options that do, beside it or alone
  const char* predict_usage = nullptr;             // example commands, indented lines
  std::span<const OptionRow> (*predict_rows)() = nullptr;  // `source`, and what goes with it
  // Collective. Predicts the new data. `corpus` is that of the run.
  ExitCode (*predict)(const Communicator& comm, const Options& options,
                      const CorpusInfo& corpus) = nullptr;
  // Collective. Predicts the split --split of --corpus, where that gives more than scores; null
  // otherwise.
  ExitCode (*predict_split)(const Communicator& comm, const Options& options,
                            const CorpusInfo& corpus) = nullptr;

  // ---- generate; null where nothing new is made.
  const char* generate_usage = nullptr;                     // example commands, indented lines
  std::span<const OptionRow> (*generate_rows)() = nullptr;  // beside those of the verb
  // Collective. Makes new sequences by the run --run and writes them. `corpus` is that of the run.
  ExitCode (*generate)(const Communicator& comm, const Options& options,
                       const CorpusInfo& corpus) = nullptr;

  // ---- evaluate; null where MakeLabelScoring serves.
  const char* evaluate_usage = nullptr;
  std::span<const OptionRow> (*evaluate_rows)() = nullptr;
  // The option that names what new data is compared with, "gff", and the comparison. Collective.
  const char* reference = nullptr;
  ExitCode (*evaluate_new)(const Communicator& comm, const Options& options) = nullptr;
  std::unique_ptr<Scoring> (*scoring)(const Options& options, const CorpusInfo& corpus) = nullptr;

  // ---- report; null where MakeLabelParts (launch/run/label_parts.h) serves.
  // What the trained model makes of a few samples, in about a second and at most some 100 KB. The
  // split's folder is empty where only the run is known; then what needs no samples is shown. One
  // process.
  ReportParts (*report_parts)(const Communicator& comm, const SplitTest& test) = nullptr;
};

}  // namespace lockstep
