#include "trainer/save/training_state.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "data/corpus/shard_format.h"

namespace lockstep {
namespace {

// No run counts that far; sums of two such numbers do not overflow.
constexpr Index kMostCount = Index{1} << 60;

void CheckCount(const char* name, Index value, const std::string& file) {
  if (value >= 0 && value <= kMostCount) return;
  throw BadData(
      "{}: the training state cannot be read: {} is {}, allowed are 0 to {}: the file is damaged "
      "or "
      "forged; use another checkpoint",
      file, name, value, kMostCount);
}

// The counters of a state that somebody may have forged.
void CheckCounts(const TrainingState& s, const std::string& file) {
  CheckCount("step", s.step, file);
  CheckCount("updates", s.updates, file);
  CheckCount("skipped", s.skipped, file);
  CheckCount("skipped_in_a_row", s.skipped_in_a_row, file);
  CheckCount("epoch", s.cursor.epoch, file);
  CheckCount("epoch_step", s.cursor.step, file);
  CheckCount("epoch_part", s.cursor.part, file);
  CheckCount("sequences", s.sequences, file);
  CheckCount("plateau.worse", s.plateau.worse, file);
  CheckCount("plateau.drops", s.plateau.drops, file);
  CheckCount("best_step", s.best_step, file);
  CheckCount("validations_since_best", s.validations_since_best, file);
  CheckCount("metrics_bytes", s.metrics_bytes, file);
  for (const Index step : s.averaged_steps) CheckCount("averaged_steps", step, file);
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
  return json.dump(1);
}

TrainingState StateFromJson(const std::string& text, const std::string& file) {
  try {
    const nlohmann::json json = nlohmann::json::parse(text);
    TrainingState s;
    json.at("step").get_to(s.step);
    json.at("updates").get_to(s.updates);
    json.at("skipped").get_to(s.skipped);
    json.at("skipped_in_a_row").get_to(s.skipped_in_a_row);
    json.at("epoch").get_to(s.cursor.epoch);
    json.at("epoch_step").get_to(s.cursor.step);
    s.cursor.part = json.value("epoch_part", Index{0});  // older programs had whole sequences only
    json.at("sequences").get_to(s.sequences);
    json.at("plateau").at("has_best").get_to(s.plateau.has_best);
    json.at("plateau").at("best_loss").get_to(s.plateau.best_loss);
    json.at("plateau").at("worse").get_to(s.plateau.worse);
    json.at("plateau").at("drops").get_to(s.plateau.drops);
    json.at("clip_history").get_to(s.clip_history);
    json.at("has_best").get_to(s.has_best);
    json.at("best_loss").get_to(s.best_loss);
    s.best_error = json.value("best_error", 0.0);  // older programs went by the loss
    json.at("best_step").get_to(s.best_step);
    json.at("validations_since_best").get_to(s.validations_since_best);
    s.validation_due = json.value("validation_due", false);  // never the case in older programs
    json.at("metrics_bytes").get_to(s.metrics_bytes);
    json.at("finished").get_to(s.finished);
    json.at("config").get_to(s.config);
    json.at("corpus_hash").get_to(s.corpus_hash);
    json.at("parameters_hash").get_to(s.parameters_hash);
    json.at("code_version").get_to(s.code_version);
    json.at("isa").get_to(s.isa);
    if (json.contains("average")) {
      json.at("average").at("from").get_to(s.average.from);
      json.at("average").at("figures").get_to(s.average.figures);
    }
    s.averaged_by = json.value("averaged_by", std::string());
    s.averaged_steps = json.value("averaged_steps", std::vector<Index>());
    if (json.contains("schema")) s.schema = SchemaFromJson(json.at("schema"), file);
    CheckCounts(s, file);
    return s;
  } catch (const nlohmann::json::exception& error) {
    throw BadData("{}: the training state cannot be read: {}", file, error.what());
  }
}

}  // namespace lockstep
