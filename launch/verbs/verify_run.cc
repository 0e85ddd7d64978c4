#include "launch/verbs/verify_run.h"

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/input_file.h"
#include "base/json_text.h"
#include "base/output_name.h"
#include "checkpoint/checkpoint_folder.h"
#include "data/corpus/shard_format.h"
#include "launch/config/config.h"
#include "trainer/save/checkpoint_average.h"
#include "trainer/save/checkpointer.h"
#include "trainer/save/old_schema.h"
#include "trainer/save/state_arrays.h"
#include "trainer/save/training_state.h"
#include "worker/models/model_factory.h"

namespace lockstep {
namespace {

// The model as configured, for the schema that the checkpoint holds, so that it can be verified
// wherever it lies.
std::unique_ptr<Model<float>> ModelOf(const CheckpointContent& content, const TrainingState& state,
                                      const std::string& path) {
  Config config;
  for (const auto& [key, value] : state.config) config.Set(key, value, path);
  config.Finish();
  return MakeModel<float>(config.run().trainer.model,
                          state.schema ? *state.schema : OldSchemaOf(content, path));
}

TrainingState CheckCheckpoint(const std::string& path) {
  const CheckpointContent content = ReadCheckpoint(path);
  TrainingState state = StateFromJson(content.state, path);
  const std::unique_ptr<Model<float>> made = ModelOf(content, state, path);
  const Model<float>& model = *made;
  CheckParameters(content, path, model.layout());
  AlignedBuffer<float> values(model.layout().size());
  RestoreParameters(content, path, model.layout(), values.span());
  if (state.parameters_hash.empty())
    throw BadData("{}: parameters_hash is empty: somebody changed the file; use another checkpoint",
                  path);
  CheckValues(state.parameters_hash, path, model.layout(), values.span());
  return state;
}

// Metrics up to `bytes` belong to a checkpoint. Behind them a run that was killed may have left
// half a line, which resuming cuts off.
void CheckMetrics(const std::string& path, Index bytes) {
  RequireRegularFile(path);
  std::ifstream file(path, std::ios::binary);
  if (!file) throw MissingInput("{}: cannot be opened: {}", path, ErrnoText());
  const Index size = static_cast<Index>(std::filesystem::file_size(path));
  if (size < bytes) {
    throw BadData("{}: has {} bytes, the newest checkpoint was taken at {}; put the file back",
                  path, size, bytes);
  }
  if (bytes > 0) {
    file.seekg(bytes - 1);
    if (file.get() != '\n') {
      throw BadData("{}: no line ends at byte {}, where the newest checkpoint was taken", path,
                    bytes);
    }
    file.seekg(0);
  }
  Index line_number = 0, position = 0;
  for (std::string line; std::getline(file, line);) {
    ++line_number;
    const bool torn = file.eof() && position >= bytes;
    position += static_cast<Index>(line.size()) + 1;
    if (torn || ParseJsonOrDiscard(line).is_object()) continue;
    throw BadData("{}: line {} is no JSON object; restore the file", path, line_number);
  }
}

// Checks each checkpoint of the list, and returns the state of the first that is whole. Sets
// `all_gone` if there were some, and the run has deleted them all before they were read.
std::optional<TrainingState> CheckEach(const std::vector<CheckpointEntry>& entries,
                                       VerifyReport* report, bool* all_gone) {
  std::optional<TrainingState> newest;
  *all_gone = !entries.empty();
  for (const CheckpointEntry& entry : entries) {
    const bool is_whole = report->CheckWhileThere(entry.path, [&] {
      TrainingState state = CheckCheckpoint(entry.path);
      CheckStepOfName(entry, state);
      if (!newest) newest = std::move(state);
    });
    *all_gone = *all_gone && !is_whole && !IsTaken(entry.path);
  }
  return newest;
}

// Returns the state of the newest checkpoint that is whole. A run that trains may be faster than
// this: its folder is then listed again, a few times.
std::optional<TrainingState> VerifyCheckpoints(const std::string& run, VerifyReport* report) {
  constexpr int kMostTries = 10;
  std::vector<CheckpointEntry> entries;
  std::optional<TrainingState> newest;
  bool all_gone = true;
  for (int i = 0; i < kMostTries && all_gone; ++i) {
    entries = ListCheckpoints(run + "/checkpoints");
    newest = CheckEach(entries, report, &all_gone);
  }
  const std::string average = AveragePath(run + "/checkpoints");
  const bool has_mean = std::filesystem::exists(average);
  if (has_mean) report->Check(average, [&] { CheckCheckpoint(average); });
  if (entries.empty() && !has_mean) {
    report->Check(run + "/checkpoints",
                  [&] { throw MissingInput("holds no checkpoint yet; train the run first"); });
  }
  return newest;
}

}  // namespace

void VerifyCheckpointFile(const std::string& path, VerifyReport* report) {
  report->Check(path, [&] { CheckCheckpoint(path); });
}

void VerifyRun(const std::string& run, VerifyReport* report) {
  const std::optional<TrainingState> newest = VerifyCheckpoints(run, report);
  const std::string metrics = run + "/metrics.jsonl";
  // A run that was handed on with its mean alone may have left them behind.
  if (newest || std::filesystem::exists(metrics)) {
    report->Check(metrics, [&] { CheckMetrics(metrics, newest ? newest->metrics_bytes : 0); });
  }
  const std::string index = run + "/" + kCorpusIndexName;
  report->Check(index, [&] {
    const CorpusInfo corpus = ReadCorpusInfo(run);
    if (!newest || newest->corpus_hash == corpus.hash) return;
    throw BadData("{}: has the hash {}, the newest checkpoint was trained on {}", index,
                  corpus.hash, newest->corpus_hash);
  });
}

}  // namespace lockstep
