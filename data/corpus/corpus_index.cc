#include "data/corpus/corpus_index.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_node.h"

namespace lockstep {
namespace {

constexpr Index kNoLimit = std::numeric_limits<Index>::max();

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

ShardPlaces PlacesFrom(const JsonNode& node, const CorpusInfo& info, Index bytes) {
  const auto place = [&](const char* name) { return node.At(name).Integer(0, bytes); };
  ShardPlaces places;
  places.offsets = place("offsets");
  places.sample_ids = place("sample_ids");
  places.inputs_checksums = place("inputs_checksums");
  places.targets_checksums = place("targets_checksums");
  places.inputs = place("inputs");
  places.targets = place("targets");
  if (!info.targets_per_step) places.target_offsets = place("target_offsets");
  if (info.has_names) {
    places.names = place("names");
    places.name_offsets = place("name_offsets");
  }
  return places;
}

// Targets of a shard or split: as many as steps where there is one for each.
template <typename Info>
void TargetCountsFrom(const JsonNode& node, const CorpusInfo& corpus, Info* info) {
  info->targets = corpus.targets_per_step ? info->steps : node.At("targets").Integer(0);
  info->longest_targets = corpus.targets_per_step
                              ? info->longest
                              : node.At("longest_targets").Integer(0, info->targets);
}

ShardInfo ShardFrom(const JsonNode& node, const CorpusInfo& info) {
  constexpr Index kMostRecords = std::numeric_limits<std::int32_t>::max();
  ShardInfo shard;
  shard.file = FileNameFrom(node.At("file"));
  shard.sequences = node.At("sequences").Integer(1, kMostRecords);
  shard.steps = node.At("steps").Integer(shard.sequences);
  shard.longest = node.At("longest").Integer(1, shard.steps);
  TargetCountsFrom(node, info, &shard);
  shard.bytes = node.At("bytes").Integer(1);
  if (info.has_names) shard.name_bytes = node.At("name_bytes").Integer(0, shard.bytes);
  shard.places = PlacesFrom(node.At("places"), info, shard.bytes);
  shard.frame_hash = node.At("frame_hash").Text();
  return shard;
}

// The shards must add up to the split; sums are checked for overflow on the way.
void CheckSums(const JsonNode& node, const SplitInfo& split) {
  SplitInfo sum;
  for (const ShardInfo& shard : split.shards) {
    if (__builtin_add_overflow(sum.sequences, shard.sequences, &sum.sequences) ||
        __builtin_add_overflow(sum.steps, shard.steps, &sum.steps) ||
        __builtin_add_overflow(sum.targets, shard.targets, &sum.targets)) {
      node.Fail("has more steps or targets than can be counted");
    }
    sum.longest = std::max(sum.longest, shard.longest);
    sum.longest_targets = std::max(sum.longest_targets, shard.longest_targets);
  }
  if (sum.sequences != split.sequences || sum.steps != split.steps ||
      sum.longest != split.longest) {
    node.Fail(fmt::format("claims {} sequences, {} steps, longest {}; its shards have {}, {}, {}",
                          split.sequences, split.steps, split.longest, sum.sequences, sum.steps,
                          sum.longest));
  }
  if (sum.targets != split.targets || sum.longest_targets != split.longest_targets) {
    node.Fail(fmt::format("claims {} targets, longest {}; its shards have {}, {}", split.targets,
                          split.longest_targets, sum.targets, sum.longest_targets));
  }
}

SplitInfo SplitFrom(const JsonNode& node, const CorpusInfo& info) {
  SplitInfo split;
  for (const JsonNode& shard : node.At("shards").Items()) {
    split.shards.push_back(ShardFrom(shard, info));
  }
  split.sequences = node.At("sequences").Integer(0);
  split.steps = node.At("steps").Integer(0);
  split.longest = node.At("longest").Integer(0);
  TargetCountsFrom(node, info, &split);
  split.first_sample_id = node.At("first_sample_id").Integer(0, kNoLimit - split.sequences);
  for (const JsonNode& count : node.At("label_counts").Items()) {
    split.label_counts.push_back(count.Integer(0, split.targets));
  }
  const std::size_t classes = info.classes.size();
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
  if (!info.targets_per_step && info.classes.size() < 2) {
    root.At("classes").Fail("has fewer than 2 names: a blank and a label");
  }
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

void ReadVersion2(const JsonNode& root, CorpusInfo* info) {
  info->targets_per_step = root.At("targets").At("per_step").Boolean();
  info->has_names = root.At("has_names").Boolean();
  if (root.Has("features")) info->features = root.At("features").Dump();
  if (root.Has("units")) info->units = root.At("units").Dump();
}

}  // namespace

CorpusInfo CorpusFromDocument(const nlohmann::json& document, const std::string& file) {
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
  if (root.At("format_version").Integer(0) > 1) ReadVersion2(root, &info);
  for (const auto& [name, split] : root.At("splits").Members()) {
    info.splits[name] = SplitFrom(split, info);
  }
  info.provenance = root.At("provenance").Dump();
  info.hash = root.At("hash").Text();
  CheckAlphabet(root, info);
  CheckSampleIds(root, info);
  return info;
}

}  // namespace lockstep
