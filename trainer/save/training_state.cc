#include "trainer/save/training_state.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_number.h"
#include "base/json_text.h"
#include "checkpoint/checkpoint_folder.h"
#include "data/corpus/shard_format.h"

namespace lockstep {
namespace {

// No run counts that far; sums of two such numbers do not overflow.
constexpr Index kMostCount = Index{1} << 60;

// A counter of a state that somebody may have forged. `name` is what the message calls it.
Index CountFrom(const nlohmann::json& value, const char* name, const std::string& file,
                Index least = 0, Index most = kMostCount) {
  if (IsIndex(value) && value.get<Index>() >= least && value.get<Index>() <= most)
    return value.get<Index>();
  throw BadData(
      "{}: the training state cannot be read: {} is {}, allowed are {} to {}: the file is damaged "
      "or forged; use another checkpoint",
      file, name, JsonText(value), least, most);
}

}  // namespace

// Doubles keep all their bits: the library writes the shortest text that reads back to the same
// value.
std::string StateToJson(const TrainingState& s) {
  nlohmann::ordered_json json = {{"step", s.step},
                                 {"updates", s.updates},
                                 {"skipped", s.skipped},
                                 {"skipped_in_a_row", s.skipped_in_a_row},
                                 {"epoch", s.cursor.epoch},
                                 {"epoch_step", s.cursor.step},
                                 {"epoch_part", s.cursor.part},
                                 {"sequences", s.sequences},
                                 {"plateau",
                                  {{"has_best", s.plateau.has_best},
                                   {"best_loss", s.plateau.best_loss},
                                   {"worse", s.plateau.worse},
                                   {"drops", s.plateau.drops}}},
                                 {"clip_history", s.clip_history},
                                 {"has_best", s.has_best},
                                 {"best_loss", s.best_loss},
                                 {"best_error", s.best_error},
                                 {"best_step", s.best_step},
                                 {"validations_since_best", s.validations_since_best},
                                 {"validation_due", s.validation_due},
                                 {"metrics_bytes", s.metrics_bytes},
                                 {"finished", s.finished},
                                 {"config", s.config},
                                 {"corpus_hash", s.corpus_hash},
                                 {"parameters_hash", s.parameters_hash},
                                 {"code_version", s.code_version},
                                 {"isa", s.isa}};
  if (s.average.from >= 0 || !s.average.figures.empty()) {
    json["average"] = {{"from", s.average.from}, {"figures", s.average.figures}};
  }
  if (!s.averaged_steps.empty()) json["averaged_steps"] = s.averaged_steps;
  if (!s.averaged_by.empty()) json["averaged_by"] = s.averaged_by;
  if (s.schema) json["schema"] = SchemaToJson(*s.schema);
  return JsonText(json, 1);
}

TrainingState StateFromJson(const std::string& text, const std::string& file) {
  try {
    const nlohmann::json json = ParseJson(text);
    const auto count = [&](const char* key, Index most = kMostCount) {
      return CountFrom(json.at(key), key, file, 0, most);
    };
    TrainingState s;
    s.step = count("step", kMostStep);
    s.updates = count("updates");
    s.skipped = count("skipped");
    s.skipped_in_a_row = count("skipped_in_a_row");
    s.cursor.epoch = count("epoch");
    s.cursor.step = count("epoch_step");
    // Older programs had whole sequences only.
    s.cursor.part = json.contains("epoch_part") ? count("epoch_part") : 0;
    s.sequences = count("sequences");
    json.at("plateau").at("has_best").get_to(s.plateau.has_best);
    json.at("plateau").at("best_loss").get_to(s.plateau.best_loss);
    s.plateau.worse = CountFrom(json.at("plateau").at("worse"), "plateau.worse", file);
    s.plateau.drops = CountFrom(json.at("plateau").at("drops"), "plateau.drops", file);
    json.at("clip_history").get_to(s.clip_history);
    json.at("has_best").get_to(s.has_best);
    json.at("best_loss").get_to(s.best_loss);
    s.best_error = json.value("best_error", 0.0);  // older programs went by the loss
    s.best_step = count("best_step", kMostStep);
    s.validations_since_best = count("validations_since_best");
    s.validation_due = json.value("validation_due", false);  // never the case in older programs
    s.metrics_bytes = count("metrics_bytes");
    json.at("finished").get_to(s.finished);
    json.at("config").get_to(s.config);
    json.at("corpus_hash").get_to(s.corpus_hash);
    json.at("parameters_hash").get_to(s.parameters_hash);
    json.at("code_version").get_to(s.code_version);
    json.at("isa").get_to(s.isa);
    if (json.contains("average")) {
      s.average.from = CountFrom(json.at("average").at("from"), "average.from", file, -1);
      json.at("average").at("figures").get_to(s.average.figures);
    }
    s.averaged_by = json.value("averaged_by", std::string());
    for (const auto& step : json.value("averaged_steps", nlohmann::json::array()))
      s.averaged_steps.push_back(CountFrom(step, "averaged_steps", file, 0, kMostStep));
    if (json.contains("schema")) s.schema = SchemaFromJson(json.at("schema"), file);
    return s;
  } catch (const nlohmann::json::exception& error) {
    throw BadData("{}: the training state cannot be read: {}", file, error.what());
  }
}

}  // namespace lockstep
