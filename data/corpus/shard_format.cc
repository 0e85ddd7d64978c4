// corpus.json to CorpusInfo and back. The index vouches for every shard through frame_hash, and for
// itself through "hash": the 128-bit hash of the compact dump, keys sorted, without "hash".
#include "data/corpus/shard_format.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>

#include "base/durable_file.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/json_node.h"
#include "data/corpus/corpus_index.h"

namespace lockstep {
namespace {

using Json = nlohmann::json;

constexpr const char* kRemedy = JsonNode::kRemedy;

std::string HashOf(Json document) {
  document.erase("hash");
  return Hash128Hex(document.dump());
}

Json ToJson(const FieldSpec& field) {
  return {{"type", ElementName(field.type)}, {"width", field.width}};
}

Json ToJson(const ShardPlaces& places, const CorpusInfo& info) {
  Json json = {{"offsets", places.offsets},
               {"sample_ids", places.sample_ids},
               {"inputs_checksums", places.inputs_checksums},
               {"targets_checksums", places.targets_checksums},
               {"inputs", places.inputs},
               {"targets", places.targets}};
  if (!info.targets_per_step) json["target_offsets"] = places.target_offsets;
  if (info.has_names) {
    json["names"] = places.names;
    json["name_offsets"] = places.name_offsets;
  }
  return json;
}

template <typename Info>
void AddTargetCounts(const Info& counts, const CorpusInfo& info, Json* json) {
  if (info.targets_per_step) return;
  (*json)["targets"] = counts.targets;
  (*json)["longest_targets"] = counts.longest_targets;
}

Json ToJson(const ShardInfo& shard, const CorpusInfo& info) {
  Json json = {{"file", shard.file},
               {"sequences", shard.sequences},
               {"steps", shard.steps},
               {"longest", shard.longest},
               {"bytes", shard.bytes},
               {"places", ToJson(shard.places, info)},
               {"frame_hash", shard.frame_hash}};
  AddTargetCounts(shard, info, &json);
  if (info.has_names) json["name_bytes"] = shard.name_bytes;
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
  AddTargetCounts(split, info, &json);
  return json;
}

void AddVersion2(const CorpusInfo& info, Json* document) {
  (*document)["targets"]["per_step"] = info.targets_per_step;
  (*document)["has_names"] = info.has_names;
  if (!info.features.empty()) (*document)["features"] = Json::parse(info.features);
  if (!info.units.empty()) (*document)["units"] = Json::parse(info.units);
}

Json ParseDocument(const std::string& text, const std::string& file) {
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
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
  const bool is_first =
      info.targets_per_step && !info.has_names && info.features.empty() && info.units.empty();
  return is_first ? 1 : kCorpusFormatVersion;
}

RecordPlace PlaceOf(const SplitInfo& split, std::uint64_t sample_id) {
  Index record = static_cast<Index>(sample_id) - split.first_sample_id;
  LOCKSTEP_CHECK(record >= 0 && record < split.sequences);
  auto shard = split.shards.begin();
  for (; record >= shard->sequences; ++shard) record -= shard->sequences;
  return {shard->file, record};
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
                   {"inputs", ToJson(info.inputs)},
                   {"targets", ToJson(info.targets)},
                   {"symbols", info.symbols},
                   {"classes", info.classes},
                   {"symbol_complement", info.symbol_complement},
                   {"class_complement", info.class_complement},
                   {"window", info.window},
                   {"overlap", info.overlap},
                   {"splits", Json::object()}};
  for (const auto& [name, split] : info.splits) document["splits"][name] = ToJson(split, info);
  if (FormatVersionOf(info) > 1) AddVersion2(info, &document);
  document["provenance"] = info.provenance.empty() ? Json::object() : Json::parse(info.provenance);
  document["hash"] = HashOf(document);
  return document.dump(1) + "\n";
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
  return ReadTextFile(file);
}

CorpusInfo ReadCorpusInfo(const std::string& folder) {
  return CorpusFromJson(ReadCorpusText(folder), folder + "/" + kCorpusIndexName);
}

}  // namespace lockstep
