#include "launch/run/run_folder.h"

#include <nlohmann/json.hpp>

#include "base/durable_file.h"
#include "launch/frame/stored_path.h"
#include "worker/comm/together.h"

namespace lockstep {

void WriteRunFiles(const std::string& run_folder, const Config& config, const CorpusInfo& corpus,
                   FunctionRef<void()> before_commit) {
  ReplaceDurably(run_folder + "/config.toml", config.ToToml(), before_commit);
  ReplaceDurably(run_folder + "/" + kCorpusIndexName, CorpusToJson(corpus), before_commit);
}

CorpusInfo ReadRunCorpus(const std::string& run_folder) { return ReadCorpusInfo(run_folder); }

CorpusInfo ReadSharedRunCorpus(const Communicator& comm, const std::string& run_folder) {
  std::string text;
  Together(comm, [&] {
    if (comm.rank() != 0) return;
    RequireRunFolder(run_folder);
    text = CorpusToJson(ReadRunCorpus(run_folder));
  });
  comm.Broadcast(&text);
  return CorpusFromJson(text, run_folder + "/" + kCorpusIndexName);
}

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
