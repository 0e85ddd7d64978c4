// corpus.json to CorpusInfo and back. The index vouches for every shard through frame_hash, and for
// itself through "hash": the 128-bit hash of the compact dump, keys sorted, without "hash".
#include "data/shard_format.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>

#include "base/durable_file.h"
#include "base/error.h"
#include "base/hash.h"
#include "data/json_node.h"

namespace lockstep {
namespace {

using Json = nlohmann::json;

constexpr Index kNoLimit = std::numeric_limits<Index>::max();
constexpr const char* kRemedy = JsonNode::kRemedy;

std::string HashOf(Json document) {
  document.erase("hash");
  return Hash128Hex(document.dump());
}

Json ToJson(const FieldSpec& field) {
  return {{"type", ElementName(field.type)}, {"width", field.width}};
}

Json ToJson(const ShardPlaces& places) {
  return {{"offsets", places.offsets},
          {"sample_ids", places.sample_ids},
          {"inputs_checksums", places.inputs_checksums},
          {"targets_checksums", places.targets_checksums},
          {"inputs", places.inputs},
          {"targets", places.targets}};
}

Json ToJson(const ShardInfo& shard) {
  return {{"file", shard.file},
          {"sequences", shard.sequences},
          {"steps", shard.steps},
          {"longest", shard.longest},
          {"bytes", shard.bytes},
          {"places", ToJson(shard.places)},
          {"frame_hash", shard.frame_hash}};
}

Json ToJson(const SplitInfo& split) {
  Json shards = Json::array();
  for (const ShardInfo& shard : split.shards) shards.push_back(ToJson(shard));
  return {{"shards", shards},
          {"sequences", split.sequences},
          {"steps", split.steps},
          {"longest", split.longest},
          {"first_sample_id", split.first_sample_id},
          {"label_counts", split.label_counts}};
}

FieldSpec FieldFrom(const JsonNode& node, std::vector<ElementType> allowed) {
  FieldSpec field;
  const std::string type = node.At("type").Text();
  const auto is_type = [&](ElementType t) { return ElementName(t) == type; };
  const auto found = std::find_if(allowed.begin(), allowed.end(), is_type);
  if (found == allowed.end())
    node.At("type").Fail("is \"" + type + "\", which this field cannot be");
  field.type = *found;
  constexpr Index kMostElements = 1 << 20;
  field.width = node.At("width").Integer(1, kMostElements);
  return field;
}

// File names come from the index, so they must not lead out of the corpus folder.
std::string FileNameFrom(const JsonNode& node) {
  const std::string name = node.Text();
  if (name.empty() || name[0] == '.' || name.find('/') != std::string::npos) {
    node.Fail("is \"" + name + "\", allowed are plain file names");
  }
  return name;
}

ShardPlaces PlacesFrom(const JsonNode& node, Index bytes) {
  const auto place = [&](const char* name) { return node.At(name).Integer(0, bytes); };
  ShardPlaces places;
  places.offsets = place("offsets");
  places.sample_ids = place("sample_ids");
  places.inputs_checksums = place("inputs_checksums");
  places.targets_checksums = place("targets_checksums");
  places.inputs = place("inputs");
  places.targets = place("targets");
  return places;
}

ShardInfo ShardFrom(const JsonNode& node) {
  constexpr Index kMostRecords = std::numeric_limits<std::int32_t>::max();
  ShardInfo shard;
  shard.file = FileNameFrom(node.At("file"));
  shard.sequences = node.At("sequences").Integer(1, kMostRecords);
  shard.steps = node.At("steps").Integer(shard.sequences);
  shard.longest = node.At("longest").Integer(1, shard.steps);
  shard.bytes = node.At("bytes").Integer(1);
  shard.places = PlacesFrom(node.At("places"), shard.bytes);
  shard.frame_hash = node.At("frame_hash").Text();
  return shard;
}

// The shards must add up to the split; sums are checked for overflow on the way.
void CheckSums(const JsonNode& node, const SplitInfo& split) {
  Index sequences = 0, steps = 0, longest = 0;
  for (const ShardInfo& shard : split.shards) {
    if (__builtin_add_overflow(sequences, shard.sequences, &sequences) ||
        __builtin_add_overflow(steps, shard.steps, &steps)) {
      node.Fail("has more steps than can be counted");
    }
    longest = std::max(longest, shard.longest);
  }
  if (sequences != split.sequences || steps != split.steps || longest != split.longest) {
    node.Fail(fmt::format("claims {} sequences, {} steps, longest {}; its shards have {}, {}, {}",
                          split.sequences, split.steps, split.longest, sequences, steps, longest));
  }
}

SplitInfo SplitFrom(const JsonNode& node, std::size_t classes) {
  SplitInfo split;
  for (const JsonNode& shard : node.At("shards").Items()) split.shards.push_back(ShardFrom(shard));
  split.sequences = node.At("sequences").Integer(0);
  split.steps = node.At("steps").Integer(0);
  split.longest = node.At("longest").Integer(0);
  split.first_sample_id = node.At("first_sample_id").Integer(0, kNoLimit - split.sequences);
  for (const JsonNode& count : node.At("label_counts").Items()) {
    split.label_counts.push_back(count.Integer(0, split.steps));
  }
  if (split.label_counts.size() != classes) {
    node.At("label_counts")
        .Fail(fmt::format("has {} counts for {} classes", split.label_counts.size(), classes));
  }
  CheckSums(node, split);
  return split;
}

std::vector<std::string> NamesFrom(const JsonNode& node) {
  std::vector<std::string> names;
  for (const JsonNode& item : node.Items()) names.push_back(item.Text());
  return names;
}

// The complement of the complement must be the thing itself.
std::vector<int> ComplementFrom(const JsonNode& node, std::size_t size) {
  std::vector<int> complement;
  for (const JsonNode& item : node.Items()) {
    complement.push_back(static_cast<int>(item.Integer(0, static_cast<Index>(size) - 1)));
  }
  if (!complement.empty() && complement.size() != size) {
    node.Fail(fmt::format("has {} entries, allowed are 0 or {}", complement.size(), size));
  }
  for (std::size_t i = 0; i < complement.size(); ++i) {
    if (complement[static_cast<std::size_t>(complement[i])] != static_cast<int>(i)) {
      node.Fail(fmt::format("is no pairing: the partner of {} is {}, but not the other way round",
                            i, complement[i]));
    }
  }
  return complement;
}

void CheckAlphabet(const JsonNode& root, const CorpusInfo& info) {
  constexpr std::size_t kMostClassesInByte = kIgnoredTargetByte;
  if (info.targets.type == ElementType::kUint8 && info.classes.size() > kMostClassesInByte) {
    root.At("classes").Fail(fmt::format("has {} names, allowed are 0..{} for uint8 targets",
                                        info.classes.size(), kMostClassesInByte));
  }
  if (info.inputs.type == ElementType::kFloat32 && !info.symbols.empty()) {
    root.At("symbols").Fail("is not empty, but inputs are real-valued");
  }
  if (info.inputs.type != ElementType::kFloat32 && info.inputs.width != 1) {
    root.At("inputs").Fail("has symbols wider than one element");
  }
  if (info.targets.width != 1) root.At("targets").Fail("has classes wider than one element");
}

// Sample ids drive the random draws, so no two samples may share one.
void CheckSampleIds(const JsonNode& root, const CorpusInfo& info) {
  std::vector<std::pair<Index, Index>> ranges;
  for (const auto& [name, split] : info.splits) {
    ranges.emplace_back(split.first_sample_id, split.first_sample_id + split.sequences);
  }
  std::sort(ranges.begin(), ranges.end());
  for (std::size_t i = 1; i < ranges.size(); ++i) {
    if (ranges[i].first < ranges[i - 1].second) {
      root.At("splits").Fail("has splits that share sample ids");
    }
  }
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
  if (version != kCorpusFormatVersion) {
    throw BadData(
        "{}: format version {}, this program reads {}; prepare the corpus again, or use the "
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

const SplitInfo& CorpusInfo::Split(const std::string& name) const {
  const auto found = splits.find(name);
  if (found != splits.end()) return found->second;
  std::string names;
  for (const auto& [other, split] : splits) names += (names.empty() ? "" : ", ") + other;
  throw UsageError("corpus has no split \"{}\"; it has: {}", name, names);
}

std::string CorpusToJson(const CorpusInfo& info) {
  Json document = {{"format_version", kCorpusFormatVersion},
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
  for (const auto& [name, split] : info.splits) document["splits"][name] = ToJson(split);
  document["provenance"] = info.provenance.empty() ? Json::object() : Json::parse(info.provenance);
  document["hash"] = HashOf(document);
  return document.dump(1) + "\n";
}

CorpusInfo CorpusFromJson(const std::string& text, const std::string& file) {
  const Json document = ParseDocument(text, file);
  CheckVersionAndHash(document, file);
  const JsonNode root(document, file, "");
  CorpusInfo info;
  info.kind = root.At("kind").Text();
  info.inputs = FieldFrom(root.At("inputs"),
                          {ElementType::kUint8, ElementType::kInt32, ElementType::kFloat32});
  info.targets = FieldFrom(root.At("targets"), {ElementType::kUint8, ElementType::kInt32});
  info.symbols = NamesFrom(root.At("symbols"));
  info.classes = NamesFrom(root.At("classes"));
  info.symbol_complement = ComplementFrom(root.At("symbol_complement"), info.symbols.size());
  info.class_complement = ComplementFrom(root.At("class_complement"), info.classes.size());
  info.window = root.At("window").Integer(0);
  info.overlap = root.At("overlap").Integer(0);
  for (const auto& [name, split] : root.At("splits").Members()) {
    info.splits[name] = SplitFrom(split, info.classes.size());
  }
  info.provenance = root.At("provenance").Dump();
  info.hash = root.At("hash").Text();
  CheckAlphabet(root, info);
  CheckSampleIds(root, info);
  return info;
}

CorpusInfo ReadCorpusInfo(const std::string& folder) {
  const std::string file = folder + "/" + kCorpusIndexName;
  if (!std::filesystem::exists(file)) {
    throw MissingInput(
        "cannot read corpus {}: it has no {}, which is written last; run prepare, or run it again "
        "when it was interrupted",
        folder, kCorpusIndexName);
  }
  return CorpusFromJson(ReadTextFile(file), file);
}

}  // namespace lockstep
