#include "launch/run/run_folder.h"

#include <nlohmann/json.hpp>

#include "base/durable_file.h"

namespace lockstep {

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

}  // namespace lockstep
