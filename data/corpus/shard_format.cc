// Turns corpus.json into CorpusInfo and back. The index protects every shard by its frame_hash, and
// itself by "hash": the 128-bit hash of its compact JSON text with sorted keys, without "hash".
#include "data/corpus/shard_format.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>

#include "base/durable_file.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/input_file.h"
#include "base/json_node.h"
#include "base/json_text.h"
#include "data/corpus/corpus_index.h"
#include "data/corpus/source_table.h"

namespace lockstep {
namespace {

using Json = nlohmann::json;

constexpr const char* kRemedy = JsonNode::kRemedy;

std::string HashOf(Json document) {
  document.erase("hash");
  return Hash128Hex(JsonText(document));
}

// True if format versions 1 and 2 can represent the schema: symbols or features, with a class per
// step or a list of labels.
bool IsOldSchema(const Schema& schema) {
  if (schema.fields.size() != 2) return false;
  const Field& inputs = schema.fields[0];
  const Field& targets = schema.fields[1];
  const bool old_target =
      targets.alignment == Alignment::kStep || targets.alignment == Alignment::kList;
  if (inputs.name != "inputs" || targets.name != "targets" || targets.role != FieldRole::kTarget)
    return false;
  if (targets.is_real() || targets.width != 1 || !old_target) return false;
  for (const Vocabulary& vocabulary : schema.vocabularies) {
    if (vocabulary.unknown != -1 || !vocabulary.order.empty()) return false;
  }
  const Schema same =
      TwoFieldSchema(inputs, inputs.is_real() ? Vocabulary{} : schema.VocabularyOf(inputs), targets,
                     schema.VocabularyOf(targets));
  return same.fields == schema.fields && same.vocabularies == schema.vocabularies &&
         (inputs.is_real() || schema.VocabularyOf(inputs).name == "symbols") &&
         schema.VocabularyOf(targets).name == "classes";
}

Json ToJson(const ShardPlaces& places, const CorpusInfo& info) {
  Json json = {{"offsets", places.offsets}, {"sample_ids", places.sample_ids}};
  if (info.has_names) {
    json["names"] = places.names;
    json["name_offsets"] = places.name_offsets;
  }
  if (info.has_cuts) {
    json["cuts"] = places.cuts;
    json["cut_offsets"] = places.cut_offsets;
  }
  if (FormatVersionOf(info) < 3) {
    json["inputs_checksums"] = places.fields[0].checksums;
    json["targets_checksums"] = places.fields[1].checksums;
    json["inputs"] = places.fields[0].values;
    json["targets"] = places.fields[1].values;
    if (info.has_target_lists()) json["target_offsets"] = places.fields[1].offsets;
    return json;
  }
  json["fields"] = Json::array();
  for (std::size_t f = 0; f < places.fields.size(); ++f) {
    Json field = {{"values", places.fields[f].values}, {"checksums", places.fields[f].checksums}};
    if (HasOwnLength(info.schema.fields[f])) field["offsets"] = places.fields[f].offsets;
    json["fields"].push_back(field);
  }
  return json;
}

template <typename Info>
void AddFieldCounts(const Info& counts, const CorpusInfo& info, Json* json) {
  if (FormatVersionOf(info) < 3) {
    if (!info.has_target_lists()) return;
    (*json)["targets"] = counts.fields[1].rows;
    (*json)["longest_targets"] = counts.fields[1].longest;
    return;
  }
  (*json)["fields"] = Json::array();
  for (const FieldCounts& field : counts.fields) {
    (*json)["fields"].push_back({{"rows", field.rows}, {"longest", field.longest}});
  }
}

Json ToJson(const ShardInfo& shard, const CorpusInfo& info) {
  Json json = {{"file", shard.file},
               {"sequences", shard.sequences},
               {"steps", shard.steps},
               {"longest", shard.longest},
               {"bytes", shard.bytes},
               {"places", ToJson(shard.places, info)},
               {"frame_hash", shard.frame_hash}};
  AddFieldCounts(shard, info, &json);
  if (info.has_names) json["name_bytes"] = shard.name_bytes;
  if (info.has_cuts) json["cuts"] = shard.cuts;
  return json;
}

Json ToJson(const SplitInfo& split, const CorpusInfo& info) {
  Json shards = Json::array();
  for (const ShardInfo& shard : split.shards) shards.push_back(ToJson(shard, info));
  Json json = {{"shards", shards},
               {"sequences", split.sequences},
               {"steps", split.steps},
               {"longest", split.longest},
               {"first_sample_id", split.first_sample_id},
               {"label_counts", split.label_counts}};
  AddFieldCounts(split, info, &json);
  return json;
}

Json ToJson(const FrameStore& store) {
  return {
      {"file", store.file}, {"width", store.width}, {"frames", store.frames}, {"hash", store.hash}};
}

Json ToJson(const Field& field) {
  return {{"type", ElementName(field.type)}, {"width", field.width}};
}

// Adds the keys of format versions 1 and 2.
void AddOldSchema(const CorpusInfo& info, Json* document) {
  const auto complement_of = [&](const Field& field) {
    return field.is_real() ? std::vector<int>() : info.schema.VocabularyOf(field).complement;
  };
  document->update({{"inputs", ToJson(info.leading())},
                    {"targets", ToJson(info.target())},
                    {"symbols", info.symbols()},
                    {"classes", info.classes()},
                    {"symbol_complement", complement_of(info.leading())},
                    {"class_complement", complement_of(info.target())}});
}

void AddLaterKeys(const CorpusInfo& info, Json* document) {
  const int version = FormatVersionOf(info);
  if (version == 1) return;
  if (version == 2) (*document)["targets"]["per_step"] = !info.has_target_lists();
  (*document)["has_names"] = info.has_names;
  if (info.has_cuts) (*document)["has_cuts"] = true;
  if (!info.noise.empty()) (*document)["noise"] = ToJson(info.noise);
  if (!info.rooms.empty()) (*document)["rooms"] = ToJson(info.rooms);
  if (!info.features.empty()) (*document)["features"] = ParseJson(info.features);
  if (!info.units.empty()) (*document)["units"] = ParseJson(info.units);
  if (!info.task.empty()) (*document)["task"] = ParseJson(info.task);
}

// Parses a document. Its levels are limited, because the library takes stack for each of them.
Json ParseDocument(const std::string& text, const std::string& file) {
  constexpr int kMostLevels = 64;
  const auto limit_depth = [&](int depth, Json::parse_event_t, const Json&) {
    if (depth <= kMostLevels) return true;
    throw BadData("{}: has more than {} levels of lists and objects; {}", file, kMostLevels,
                  kRemedy);
  };
  try {
    return Json::parse(text, limit_depth);
  } catch (const Json::exception& error) {
    throw BadData("{}: is no JSON: {}; {}", file, error.what(), kRemedy);
  }
}

void CheckVersionAndHash(const Json& document, const std::string& file) {
  const JsonNode root(document, file, "");
  const Index version = root.At("format_version").Integer(0);
  if (version < 1 || version > kCorpusFormatVersion) {
    throw BadData(
        "{}: format version {}, this program reads 1 to {}; prepare the corpus again, or use the "
        "program that made it",
        file, version, kCorpusFormatVersion);
  }
  const std::string found = root.At("hash").Text();
  const std::string computed = HashOf(document);
  if (found != computed) {
    throw BadData("{}: says its hash is {}, its content has {}; it was edited or damaged: {}", file,
                  found, computed, kRemedy);
  }
}

}  // namespace

int FormatVersionOf(const CorpusInfo& info) {
  if (info.is_stream()) return 4;
  if (!IsOldSchema(info.schema) || info.schema.predicts_next || !info.task.empty()) return 3;
  const bool is_first =
      !info.has_target_lists() && !info.has_names && info.features.empty() && info.units.empty();
  return is_first ? 1 : 2;
}

const std::vector<std::string>& CorpusInfo::NamesOf(const Field& field) const {
  static const std::vector<std::string> kNone;
  return field.is_real() ? kNone : schema.VocabularyOf(field).names;
}

nlohmann::json SchemaToJson(const Schema& schema) {
  Json json = {{"fields", Json::array()},
               {"vocabularies", Json::array()},
               {"unit", schema.unit},
               {"seconds_per_step", schema.seconds_per_step}};
  if (schema.predicts_next) json["predicts_next"] = true;
  for (const Field& field : schema.fields) {
    Json one = ToJson(field);
    one.update({{"name", field.name},
                {"alignment", AlignmentName(field.alignment)},
                {"role", field.role == FieldRole::kTarget ? "target" : "input"}});
    if (!field.is_real()) one["vocabulary"] = field.vocabulary;
    json["fields"].push_back(one);
  }
  for (const Vocabulary& vocabulary : schema.vocabularies) {
    Json one = {{"name", vocabulary.name}, {"names", vocabulary.names}};
    if (!vocabulary.complement.empty()) one["complement"] = vocabulary.complement;
    if (vocabulary.unknown != -1) one["unknown"] = vocabulary.unknown;
    if (vocabulary.start != -1) one["start"] = vocabulary.start;
    if (vocabulary.end != -1) one["end"] = vocabulary.end;
    const LabelOrder& order = vocabulary.order;
    if (!order.followers.empty()) one["followers"] = order.followers;
    if (!order.first.empty()) one["first"] = order.first;
    if (!order.last.empty()) one["last"] = order.last;
    json["vocabularies"].push_back(one);
  }
  return json;
}

Index FrameStore::bytes() const {
  return std::accumulate(frames.begin(), frames.end(), Index{0}) * width *
         static_cast<Index>(sizeof(float));
}

RecordPlace PlaceOf(const SplitInfo& split, std::uint64_t sample_id) {
  Index record = static_cast<Index>(sample_id) - split.first_sample_id;
  LOCKSTEP_CHECK(record >= 0 && record < split.sequences);
  auto shard = split.shards.begin();
  for (; record >= shard->sequences; ++shard) record -= shard->sequences;
  return {shard->file, record, shard->folder};
}

const SplitInfo& CorpusInfo::Split(const std::string& name) const {
  const auto found = splits.find(name);
  if (found != splits.end()) return found->second;
  std::string names;
  for (const auto& [other, split] : splits) names += (names.empty() ? "" : ", ") + other;
  throw UsageError("corpus has no split \"{}\"; it has: {}", name, names);
}

std::string CorpusToJson(const CorpusInfo& info) {
  Json document = {{"format_version", FormatVersionOf(info)},
                   {"kind", info.kind},
                   {"window", info.window},
                   {"overlap", info.overlap},
                   {"splits", Json::object()}};
  if (FormatVersionOf(info) < 3) AddOldSchema(info, &document);
  if (FormatVersionOf(info) >= 3) document["schema"] = SchemaToJson(info.schema);
  for (const auto& [name, split] : info.splits) document["splits"][name] = ToJson(split, info);
  AddLaterKeys(info, &document);
  AddSourceTable(info, &document);
  document["provenance"] = info.provenance.empty() ? Json::object() : ParseJson(info.provenance);
  document["hash"] = HashOf(document);
  return JsonText(document, 1) + "\n";
}

CorpusInfo CorpusFromJson(const std::string& text, const std::string& file) {
  const Json document = ParseDocument(text, file);
  CheckVersionAndHash(document, file);
  return CorpusFromDocument(document, file);
}

std::string ReadCorpusText(const std::string& folder) {
  const std::string file = folder + "/" + kCorpusIndexName;
  if (!std::filesystem::exists(file)) {
    throw MissingInput(
        "cannot read corpus {}: it has no {}, which is written last; run prepare, or run it again "
        "when it was interrupted",
        folder, kCorpusIndexName);
  }
  RefuseLinkOutside(folder, kCorpusIndexName);
  return ReadTextFile(file);
}

CorpusInfo ReadCorpusInfo(const std::string& folder) {
  return CorpusFromJson(ReadCorpusText(folder), folder + "/" + kCorpusIndexName);
}

}  // namespace lockstep
