#include "launch/tasks/protein/state_writer.h"

#include <nlohmann/json.hpp>
#include <ostream>

#include "base/error.h"
#include "base/json_text.h"
#include "launch/output/cell_text.h"

namespace lockstep {
namespace {

std::string JsonOf(const std::string& text) { return JsonTextOfAnyBytes(nlohmann::json(text)); }

}  // namespace

StateWriter::StateWriter(const std::optional<std::string>& states,
                         const std::optional<std::string>& probabilities,
                         std::vector<std::string> classes)
    : classes_(CellTexts(classes)) {
  if (states && states == probabilities)
    throw UsageError("predict: --out and --probabilities name the same file");
  if (states || !probabilities) states_.emplace(states);
  if (!probabilities) return;
  probabilities_.emplace(probabilities);
  as_json_ = probabilities->ends_with(".jsonl");
  if (!as_json_) {
    probabilities_->stream() << fmt::format("name\tposition\tresidue\tstate\t{}\n",
                                            fmt::join(classes_, "\t"));
  }
}

void StateWriter::Write(const PredictedStates& found) {
  if (states_) {
    states_->stream() << '>' << CellText(found.name) << '\n';
    for (const std::int32_t state : found.states)
      states_->stream() << classes_[static_cast<std::size_t>(state)];
    states_->stream() << '\n';
  }
  if (probabilities_) as_json_ ? WriteJson(found) : WriteRows(found);
}

void StateWriter::WriteRows(const PredictedStates& found) {
  for (std::size_t i = 0; i < found.states.size(); ++i) {
    std::string row = fmt::format("{}\t{}\t{}\t{}", CellText(found.name), i + 1, found.residues[i],
                                  classes_[static_cast<std::size_t>(found.states[i])]);
    for (std::size_t c = 0; c < classes_.size(); ++c)
      row += fmt::format("\t{:.4f}", found.probabilities[i * classes_.size() + c]);
    probabilities_->stream() << row << '\n';
  }
}

void StateWriter::WriteJson(const PredictedStates& found) {
  std::string states, lists;
  for (const std::int32_t state : found.states) states += classes_[static_cast<std::size_t>(state)];
  for (std::size_t c = 0; c < classes_.size(); ++c) {
    std::string list;
    for (std::size_t i = 0; i < found.states.size(); ++i)
      list +=
          fmt::format("{}{:.4f}", i > 0 ? "," : "", found.probabilities[i * classes_.size() + c]);
    lists += fmt::format("{}{}:[{}]", c > 0 ? "," : "", JsonOf(classes_[c]), list);
  }
  probabilities_->stream() << fmt::format(
      "{{\"name\":{},\"residues\":\"{}\",\"states\":{},\"probabilities\":{{{}}}}}\n",
      JsonOf(found.name), found.residues, JsonOf(states), lists);
}

void StateWriter::Finish() {
  if (states_) states_->Finish();
  if (probabilities_) probabilities_->Finish();
}

}  // namespace lockstep
