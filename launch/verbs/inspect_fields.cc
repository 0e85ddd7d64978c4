#include "launch/verbs/inspect_fields.h"

#include <algorithm>
#include <filesystem>

#include "base/json_text.h"
#include "base/text.h"
#include "checkpoint/checkpoint_folder.h"
#include "data/corpus/shard_reader.h"
#include "data/corpus/source_table.h"
#include "launch/run/best_checkpoint.h"
#include "launch/verbs/inspect_views.h"
#include "trainer/save/training_state.h"

namespace lockstep {
namespace {

using Json = nlohmann::ordered_json;

std::string FieldText(const Field& field) {
  return field.width == 1 ? ElementName(field.type)
                          : fmt::format("{} x {}", ElementName(field.type), field.width);
}

// Each field by its name, and how its rows go with the steps.
void AddFields(const CorpusInfo& corpus, Json* fields) {
  for (const Field& field : corpus.schema.fields) {
    (*fields)[field.name] = FieldText(field);
    (*fields)["alignment"][field.name] = AlignmentName(field.alignment);
  }
  (*fields)["targets_per_step"] = corpus.target().alignment == Alignment::kStep;
}

// For each source how many samples it has in each split; nothing if there is only one.
void AddSources(const CorpusInfo& corpus, Json* fields) {
  for (const auto& [name, split] : corpus.splits) {
    if (corpus.sources.empty()) return;
    const std::vector<SourceCounts> counts = CountSources(corpus, split);
    for (std::size_t s = 0; s < counts.size(); ++s) {
      if (counts[s].sequences == 0) continue;
      (*fields)["sources"][corpus.sources[s]][name] = {{"sequences", counts[s].sequences},
                                                       {"steps", counts[s].steps}};
    }
  }
}

Json CorpusFields(const std::string& folder) {
  const CorpusInfo corpus = ReadCorpusInfo(folder);
  Json fields = {{"what", "corpus"},
                 {"path", folder},
                 {"hash", corpus.hash},
                 {"kind", corpus.kind},
                 {"format_version", FormatVersionOf(corpus)},
                 {"window", corpus.window},
                 {"overlap", corpus.overlap},
                 {"unit", corpus.schema.unit},
                 {"has_names", corpus.has_names},
                 {"symbols", corpus.symbols()},
                 {"classes", corpus.classes()}};
  AddFields(corpus, &fields);
  for (const auto& [name, split] : corpus.splits) {
    fields["shards"][name] = split.shards.size();
    fields["sequences"][name] = split.sequences;
    fields["steps"][name] = split.steps;
    fields["longest"][name] = split.longest;
    if (corpus.has_target_lists()) {
      fields["labels"][name] = split.fields[corpus.target_index()].rows;
      fields["longest_labels"][name] = split.fields[corpus.target_index()].longest;
    }
    for (std::size_t c = 0; c < corpus.classes().size(); ++c) {
      fields["label_counts"][name][corpus.classes()[c]] = split.label_counts[c];
    }
  }
  AddSources(corpus, &fields);
  if (!corpus.features.empty()) fields["features"] = ParseOrderedJson(corpus.features);
  if (!corpus.units.empty()) fields["units"] = ParseOrderedJson(corpus.units);
  if (!corpus.task.empty()) fields["task"] = ParseOrderedJson(corpus.task);
  fields["provenance"] = ParseOrderedJson(corpus.provenance);
  return fields;
}

Json ShardFields(const StoredPath& path) {
  const CorpusInfo corpus = ReadCorpusInfo(path.folder);
  const ListedShard listed = FindShard(corpus, path);
  ShardReader reader(path.folder, corpus, *listed.shard);
  Index shortest = listed.shard->longest;
  for (Index i = 0; i < reader.sequences(); ++i) shortest = std::min(shortest, reader.Length(i));
  Json fields = {{"what", "shard"},
                 {"path", path.full()},
                 {"split", listed.split},
                 {"format_version", FormatVersionOf(corpus)},
                 {"sequences", listed.shard->sequences},
                 {"steps", listed.shard->steps},
                 {"longest", listed.shard->longest},
                 {"shortest", shortest},
                 {"first_sample_id", reader.SampleId(0)},
                 {"bytes", listed.shard->bytes},
                 {"frame_hash", listed.shard->frame_hash},
                 {"corpus_hash", corpus.hash}};
  AddFields(corpus, &fields);
  if (corpus.has_target_lists()) {
    fields["labels"] = listed.shard->fields[corpus.target_index()].rows;
    fields["longest_labels"] = listed.shard->fields[corpus.target_index()].longest;
  }
  if (corpus.has_names) fields["first_name"] = reader.Name(0);
  return fields;
}

template <typename Array>
Json LayerOf(const std::string& name, const Array& array) {
  const ModelArray layer =
      DescribeArray(name, {array.shape.begin(), array.shape.end()}, ElementBytes(array.type));
  return {{"name", layer.name},
          {"shape", layer.shape},
          {"parameters", layer.parameters},
          {"bytes", layer.bytes},
          {"operations", layer.operations}};
}

// The state as it is stored, then the arrays: parameters stand at the root, moments in a group.
void AddContent(const CheckpointContent& content, const std::string& path, Json* fields) {
  StateFromJson(content.state, path);
  fields->update(ParseOrderedJson(content.state));
  Index parameters = 0;
  Json arrays = Json::object(), layers = Json::array();
  for (const auto& [name, array] : content.arrays) {
    const Index count = DatasetInfo{array.type, array.shape}.count();
    if (name.find('/') == std::string::npos) parameters += count;
    if (name.find('/') == std::string::npos) layers.push_back(LayerOf(name, array));
    arrays[name] = fmt::format("{} [{}]", ElementName(array.type), fmt::join(array.shape, ", "));
  }
  (*fields)["parameters"] = parameters;
  (*fields)["layers"] = layers;
  (*fields)["arrays"] = arrays;
}

Json CheckpointFields(const StoredPath& path) {
  Json fields = {{"what", "checkpoint"},
                 {"path", path.full()},
                 {"format_version", kCheckpointFormatVersion},
                 {"bytes", std::filesystem::file_size(path.full())}};
  AddContent(ReadCheckpoint(path.full()), path.full(), &fields);
  return fields;
}

Json RunFields(const std::string& run) {
  const std::string folder = run + "/checkpoints";
  Index damaged = 0;
  const auto report = [&](const CheckpointEntry& entry, const std::string& why) {
    WarnOfDamage(entry, why);
    ++damaged;
  };
  const LoadedCheckpoint newest = LoadNewest(folder, report);
  Json fields = {{"what", "run"},
                 {"path", run},
                 {"checkpoints", ListCheckpoints(folder).size()},
                 {"damaged", damaged},
                 {"done", std::filesystem::exists(run + "/done.json")},
                 {"newest", newest.entry.path}};
  AddContent(newest.content, newest.entry.path, &fields);
  return fields;
}

void FlattenInto(const std::string& prefix, const Json& object, std::vector<ShownField>* fields) {
  for (const auto& [key, value] : object.items()) {
    const bool is_leaf = !value.is_object() || value.empty();
    fields->push_back({prefix + key, value, is_leaf});
    if (!is_leaf) FlattenInto(prefix + key + ".", value, fields);
  }
}

}  // namespace

Json InspectFields(const StoredPath& path) {
  switch (path.kind) {
    case StoredKind::kCorpus:
      return CorpusFields(path.folder);
    case StoredKind::kShard:
      return ShardFields(path);
    case StoredKind::kCheckpoint:
      return CheckpointFields(path);
    case StoredKind::kRun:
      break;
  }
  return RunFields(path.folder);
}

std::vector<ShownField> Flatten(const Json& object) {
  std::vector<ShownField> fields;
  FlattenInto("", object, &fields);
  return fields;
}

std::string BareText(const Json& value) {
  return value.is_string() ? WithoutControls(value.get<std::string>()) : JsonTextOfAnyBytes(value);
}

}  // namespace lockstep
