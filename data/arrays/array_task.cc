#include "data/arrays/array_task.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_node.h"
#include "base/json_text.h"

namespace lockstep {
namespace {

using Json = nlohmann::json;

Json ToJson(const std::vector<ColumnScale>& columns) {
  Json json = Json::array();
  for (const ColumnScale& column : columns) {
    json.push_back({{"name", column.name},
                    {"mean", column.mean},
                    {"offset", column.offset},
                    {"scale", column.scale},
                    {"indicator", column.has_indicator}});
  }
  return json;
}

double Finite(const JsonNode& node) {
  const double value = node.Real();
  if (!std::isfinite(value)) node.Fail("is not finite");
  return value;
}

std::vector<ColumnScale> ColumnsOf(const JsonNode& node) {
  std::vector<ColumnScale> columns;
  for (const JsonNode& item : node.Items()) {
    columns.push_back({item.At("name").Text(), Finite(item.At("mean")), Finite(item.At("offset")),
                       Finite(item.At("scale")), item.At("indicator").Boolean()});
    if (columns.back().scale == 0) item.At("scale").Fail("is 0, allowed is any other number");
  }
  if (columns.empty()) node.Fail("is empty");
  return columns;
}

std::vector<std::string> TextsOf(const JsonNode& node) {
  std::vector<std::string> texts;
  for (const JsonNode& item : node.Items()) texts.push_back(item.Text());
  return texts;
}

// Whether the text is the first of two words; it must be one of them.
bool IsFirst(const JsonNode& node, const char* first, const char* second) {
  const std::string text = node.Text();
  if (text != first && text != second) {
    node.Fail(fmt::format("is \"{}\", allowed are {} and {}", text, first, second));
  }
  return text == first;
}

MissingRule RuleOf(const JsonNode& node) {
  try {
    return ParseMissingRule(node.Text());
  } catch (const InputError& error) {
    node.Fail(error.what());
  }
}

ArrayTableOptions TableOf(const JsonNode& node) {
  ArrayTableOptions table;
  table.delimiter = node.At("delimiter").Text();
  table.encoding = node.At("encoding").Text();
  table.sequence_column = node.At("sequence_column").Text();
  table.input_columns = TextsOf(node.At("input_columns"));
  table.static_columns = TextsOf(node.At("static_columns"));
  table.file_per_sequence = node.At("file_per_sequence").Boolean();
  table.has_header = !node.Has("header") || node.At("header").Boolean();
  return table;
}

}  // namespace

Index ArrayTask::input_width() const {
  Index width = static_cast<Index>(inputs.size());
  for (const ColumnScale& column : inputs) width += column.has_indicator ? 1 : 0;
  return width;
}

ArrayReadOptions ArrayTask::ReadOptions() const {
  ArrayReadOptions read = {.table = table, .missing = MissingMarks(missing), .with_targets = false};
  read.table.of_model = true;
  return read;
}

std::string ArrayTaskToJson(const ArrayTask& task) {
  const ArrayTableOptions& table = task.table;
  const ArrayMembers& members = task.members;
  Json json = {{"task", "arrays"},
               {"target", task.has_classes ? "class" : "real"},
               {"per", task.per_step ? "step" : "sequence"},
               {"inputs", ToJson(task.inputs)},
               {"targets", ToJson(task.targets)},
               {"missing_values", MissingRuleName(task.missing_rule)},
               {"missing", task.missing},
               {"table",
                {{"delimiter", table.delimiter},
                 {"encoding", table.encoding},
                 {"sequence_column", table.sequence_column},
                 {"input_columns", table.input_columns},
                 {"static_columns", table.static_columns},
                 {"file_per_sequence", table.file_per_sequence}}},
               {"members",
                {{"inputs", members.inputs},
                 {"lengths", members.lengths},
                 {"offsets", members.offsets},
                 {"static", members.statics}}}};
  if (task.has_ends) json["ends"] = true;
  if (!table.has_header) json["table"]["header"] = false;
  return JsonText(json);
}

ArrayTask ArrayTaskFromJson(const std::string& text, const std::string& file) {
  const Json json = ParseJsonOrDiscard(text);
  const JsonNode node(json, file, "task");
  if (!node.Has("task") || node.At("task").Text() != "arrays") {
    node.Fail("does not say how arrays become inputs");
  }
  ArrayTask task;
  task.has_classes = IsFirst(node.At("target"), "class", "real");
  task.per_step = IsFirst(node.At("per"), "step", "sequence");
  task.inputs = ColumnsOf(node.At("inputs"));
  task.targets = ColumnsOf(node.At("targets"));
  task.missing_rule = RuleOf(node.At("missing_values"));
  task.missing = TextsOf(node.At("missing"));
  task.table = TableOf(node.At("table"));
  const JsonNode members = node.At("members");
  task.members = {.inputs = members.At("inputs").Text(),
                  .lengths = members.At("lengths").Text(),
                  .offsets = members.At("offsets").Text(),
                  .statics = members.At("static").Text()};
  task.has_ends = node.Has("ends") && node.At("ends").Boolean();
  return task;
}

}  // namespace lockstep
