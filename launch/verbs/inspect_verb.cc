#include <algorithm>
#include <iostream>

#include "base/json_text.h"
#include "checkpoint/checkpoint_folder.h"
#include "launch/frame/help.h"
#include "launch/frame/options.h"
#include "launch/frame/stored_path.h"
#include "launch/output/cell_text.h"
#include "launch/start/launch_check.h"
#include "launch/verbs/inspect_fields.h"
#include "launch/verbs/inspect_views.h"

namespace lockstep {
namespace {

constexpr const char* kUsage =
    "What a corpus, shard, checkpoint or run holds; of a run, its newest valid checkpoint.\n"
    "  lockstep inspect RUN\n"
    "  lockstep inspect RUN --field parameters_hash\n"
    "  lockstep inspect RUN --newest-step\n"
    "  lockstep inspect RUN --compare OTHER_RUN\n"
    "  lockstep inspect CORPUS --json\n";

constexpr OptionRow kRows[] = {
    {"path PATH",
     "corpus folder, shard, checkpoint or run folder; the word --path may be left out"},
    {"compare PATH", "second path of the same kind: shows only the fields that differ"},
    {"json", "prints one JSON object on standard output", OptionKind::kSwitch},
    {"field NAME", "prints only the value of the field with this name, such as parameters_hash"},
    {"newest-step",
     "prints only the step of the newest checkpoint of a run, by the names of its files, none of "
     "which is read; 0 without a checkpoint or a folder",
     OptionKind::kSwitch},
};

OptionTable Describe() { return {kRows}; }

void PrintField(const std::vector<ShownField>& fields, const std::string& name,
                const std::string& path) {
  const auto found = std::ranges::find(fields, name, &ShownField::name);
  if (found != fields.end()) {
    std::cout << BareText(found->value) << "\n";
    return;
  }
  std::vector<std::string> names;
  for (const ShownField& field : fields) {
    if (field.is_leaf) names.push_back(field.name);
  }
  throw UsageError("--field {}: {} has no such field; it has: {}", name, path,
                   fmt::join(names, ", "));
}

// Long lists are for programs; people get their length.
std::string ShownText(const nlohmann::ordered_json& value) {
  constexpr std::size_t kMostShown = 8;
  if (value.is_array() && value.size() > kMostShown) {
    return fmt::format("[{} values]", value.size());
  }
  return CellText(BareText(value));
}

std::vector<ModelArray> ArraysOf(const nlohmann::ordered_json& layers) {
  std::vector<ModelArray> arrays;
  for (const auto& layer : layers) {
    arrays.push_back(
        {layer["name"], layer["shape"], layer["parameters"], layer["bytes"], layer["operations"]});
  }
  return arrays;
}

// The arrays of a model are shown as a table; those of the optimizer are for programs.
bool IsOfTheTable(const ShownField& field) {
  return field.name == "layers" || field.name.starts_with("arrays.");
}

// For scripts that start a run again. Checkpoints that are damaged count, too: they are as new.
void PrintNewestStep(const std::string& run_folder) {
  const std::vector<CheckpointEntry> found = ListCheckpoints(run_folder + "/checkpoints");
  std::cout << (found.empty() ? 0 : found.front().step) << "\n";
}

void PrintText(const std::vector<ShownField>& fields) {
  std::size_t width = 0;
  for (const ShownField& field : fields) width = std::max(width, field.name.size());
  for (const ShownField& field : fields) {
    if (!field.is_leaf || IsOfTheTable(field)) continue;
    std::cout << fmt::format("{:<{}}  {}\n", CellText(field.name), width, ShownText(field.value));
  }
}

// Only like can be compared with like; a run stands for its newest checkpoint.
StoredPath OfSameKind(const StoredPath& first, const std::string& other) {
  const auto is_model = [](const StoredPath& path) {
    return path.kind == StoredKind::kRun || path.kind == StoredKind::kCheckpoint;
  };
  StoredPath second = Recognise(other);
  if (first.kind == second.kind || (is_model(first) && is_model(second))) return second;
  throw UsageError(
      "inspect: {} and {} are things of different kinds; compare two runs or checkpoints, two "
      "corpora, or two shards",
      first.full(), second.full());
}

}  // namespace

ExitCode InspectVerb(const Arguments& arguments) {
  const Options options("inspect", Describe(), arguments, "path");
  if (PrintsHelp(options, kUsage, Describe())) return ExitCode::kDone;
  RequireOneProcess("inspect");
  if (options.Has("json") + options.Has("field") + options.Has("compare") +
          options.Has("newest-step") >
      1) {
    throw UsageError(
        "inspect: --json prints all fields, --field one, --compare those that differ, "
        "--newest-step none of them; give one of these options");
  }
  if (options.Has("newest-step")) {
    PrintNewestStep(options.Text("path"));
    return ExitCode::kDone;
  }
  const StoredPath path = Recognise(options.Text("path"));
  const nlohmann::ordered_json object = InspectFields(path);
  if (options.Has("json")) {
    std::cout << JsonTextOfAnyBytes(object) << "\n";
  } else if (const auto name = options.Maybe("field")) {
    PrintField(Flatten(object), *name, options.Text("path"));
  } else if (const auto other = options.Maybe("compare")) {
    std::cout << Differences(Flatten(object), Flatten(InspectFields(OfSameKind(path, *other))));
  } else {
    PrintText(Flatten(object));
    if (object.contains("layers")) std::cout << "\n" << LayerTable(ArraysOf(object["layers"]));
  }
  return ExitCode::kDone;
}

}  // namespace lockstep
