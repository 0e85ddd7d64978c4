// The files of a run folder besides checkpoints/ and metrics.jsonl.
#pragma once

#include <optional>
#include <string>

#include "base/function_ref.h"
#include "data/corpus/shard_format.h"
#include "launch/config/config.h"
#include "trainer/save/training_state.h"
#include "worker/comm/communicator.h"

namespace lockstep {

// Whether the folder has a config.toml or checkpoints. A start that was refused, or an import that
// was interrupted, leaves neither.
bool HoldsRun(const std::string& folder);
// UsageError if the folder holds a corpus and no run, whose corpus.json a run would replace.
void RequireNoCorpus(const std::string& run_folder);

// Rank 0: writes config.toml (the resolved configuration, with the origin of each value) and
// corpus.json (a copy, so that predict does not need the corpus). `before_commit` is called before
// each file gets its name; it may throw to refuse that.
void WriteRunFiles(const std::string& run_folder, const Config& config, const CorpusInfo& corpus,
                   FunctionRef<void()> before_commit);
// Rank 0: adds a line to starts.jsonl, which tells of every start of the run: when, after which
// step and with how many ranks. metrics.jsonl cannot, because it has the same bytes however often a
// run was started. A disk that fails costs only a warning.
struct StartFacts {
  Index step = 0;  // the last one before the start
  Index ranks = 0, threads = 0;
  std::string version, isa;
  std::string corpus;  // its folder, as it was given
};
void AppendStart(const std::string& run_folder, const StartFacts& facts);
// The folder of the corpus of the last start; empty if starts.jsonl does not say.
std::string CorpusOfLastStart(const std::string& run_folder);
CorpusInfo ReadRunCorpus(const std::string& run_folder);
// Collective. The same, read by rank 0 for all ranks. AgreedError that says what a run folder has
// when this is none.
CorpusInfo ReadSharedRunCorpus(const Communicator& comm, const std::string& run_folder);

// done.json: the run came to its end. Written last; removed when training goes on, so that no power
// cut brings back the mark of an earlier end.
// `before_commit` as above.
void WriteCompletionMark(const std::string& run_folder, const TrainingState& state,
                         FunctionRef<void()> before_commit);
// Where a run came to its end: steps taken and epochs completed; -1 where the file does not say.
struct RunEnd {
  Index step = -1, epoch = -1;
};
// Nothing if there is no done.json.
std::optional<RunEnd> ReadCompletionMark(const std::string& run_folder);
void RemoveCompletionMark(const std::string& run_folder);

}  // namespace lockstep
