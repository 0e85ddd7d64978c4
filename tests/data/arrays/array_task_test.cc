#include "data/arrays/array_task.h"

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

ArrayTask Task() {
  ArrayTask task;
  task.inputs = {{"rain", 0.1, 0.1, 1.0 / 3, true}, {"area", 2, 0, 1, false}};
  task.targets = {{"discharge", 5, 5, 7, false}};
  task.per_step = true;
  task.missing_rule = MissingRule::kIndicator;
  task.missing = {"-999"};
  task.table.sequence_column = "basin";
  task.table.static_columns = {"area"};
  task.members.inputs = "x";
  return task;
}

TEST(ArrayTask, TextKeepsEveryBit) {
  const ArrayTask task = Task();
  const ArrayTask again = ArrayTaskFromJson(ArrayTaskToJson(task), "corpus.json");
  EXPECT_EQ(again.inputs, task.inputs);
  EXPECT_EQ(again.targets, task.targets);
  EXPECT_EQ(again.members, task.members);
  EXPECT_EQ(again.missing, task.missing);
  EXPECT_EQ(again.missing_rule, task.missing_rule);
  EXPECT_TRUE(again.per_step);
  EXPECT_FALSE(again.has_classes);
  EXPECT_EQ(again.table.sequence_column, "basin");
  EXPECT_THAT(again.table.static_columns, testing::ElementsAre("area"));
  EXPECT_EQ(again.input_width(), 3);
  EXPECT_FALSE(again.ReadOptions().with_targets);
}

TEST(ArrayTask, WhatIsNoTaskIsRefusedWithItsPlace) {
  const auto fails = [](const std::string& message, const auto& change) {
    nlohmann::json json = ParseJson(ArrayTaskToJson(Task()));
    change(&json);
    ExpectError(ExitCode::kBadData, message,
                [&] { ArrayTaskFromJson(JsonText(json), "corpus.json"); });
  };
  fails("corpus.json: task/target is \"both\"", [](auto* json) { (*json)["target"] = "both"; });
  fails("task/inputs is empty", [](auto* json) { (*json)["inputs"].clear(); });
  fails("task/inputs/0/scale is 0", [](auto* json) { (*json)["inputs"][0]["scale"] = 0; });
  fails("task/inputs/0/mean is no number", [](auto* json) { (*json)["inputs"][0]["mean"] = "x"; });
  fails("task/missing_values --missing-values is \"guess\"",
        [](auto* json) { (*json)["missing_values"] = "guess"; });
  fails("has no \"table\"", [](auto* json) { json->erase("table"); });
  fails("does not say how arrays become inputs", [](auto* json) { json->erase("task"); });
  ExpectError(ExitCode::kBadData, "does not say how arrays become inputs",
              [] { ArrayTaskFromJson("no JSON", "corpus.json"); });
}

}  // namespace
}  // namespace lockstep
