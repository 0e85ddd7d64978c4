#include "data/corpus/corpus_index.h"

#include <algorithm>
#include <limits>

#include "base/error.h"
#include "base/json_node.h"
#include "data/corpus/schema_index.h"
#include "data/corpus/shard_claims.h"
#include "data/corpus/source_table.h"

namespace lockstep {
namespace {

constexpr Index kNoLimit = std::numeric_limits<Index>::max();

constexpr std::size_t kLongestName = 200;  // of files, and of splits, after which files are named

// Names of files come from the index, so they must not lead out of the corpus folder.
void CheckFileName(const JsonNode& node, const std::string& name) {
  const bool is_plain = !name.empty() && name[0] != '.' && name.size() <= kLongestName &&
                        name.find_first_of(std::string_view("/\0", 2)) == std::string::npos;
  if (!is_plain)
    node.Fail("names \"" + name.substr(0, kLongestName) + "\", allowed are plain file names");
}

std::string FileNameFrom(const JsonNode& node) {
  std::string name = node.Text();
  CheckFileName(node, name);
  return name;
}

// Versions 1 and 2 name the arrays of their two fields; version 3 lists them.
void FieldPlacesFrom(const JsonNode& node, const CorpusInfo& info, Index bytes,
                     ShardPlaces* places) {
  const auto place = [&](const JsonNode& at, const char* name) {
    return at.At(name).Integer(0, bytes);
  };
  if (!node.Has("fields")) {
    places->fields = {{place(node, "inputs"), place(node, "inputs_checksums"), 0},
                      {place(node, "targets"), place(node, "targets_checksums"), 0}};
    if (info.has_target_lists()) places->fields[1].offsets = place(node, "target_offsets");
    return;
  }
  const std::vector<JsonNode> items = node.At("fields").Items();
  if (items.size() != info.schema.fields.size()) {
    node.At("fields").Fail(
        fmt::format("has {} entries for {} fields", items.size(), info.schema.fields.size()));
  }
  for (std::size_t f = 0; f < items.size(); ++f) {
    FieldPlaces field{place(items[f], "values"), place(items[f], "checksums"), 0};
    if (HasOwnLength(info.schema.fields[f])) field.offsets = place(items[f], "offsets");
    places->fields.push_back(field);
  }
}

ShardPlaces PlacesFrom(const JsonNode& node, const CorpusInfo& info, Index bytes) {
  ShardPlaces places;
  places.offsets = node.At("offsets").Integer(0, bytes);
  places.sample_ids = node.At("sample_ids").Integer(0, bytes);
  FieldPlacesFrom(node, info, bytes, &places);
  if (info.has_names) {
    places.names = node.At("names").Integer(0, bytes);
    places.name_offsets = node.At("name_offsets").Integer(0, bytes);
  }
  if (info.has_cuts) {
    places.cuts = node.At("cuts").Integer(0, bytes);
    places.cut_offsets = node.At("cut_offsets").Integer(0, bytes);
  }
  return places;
}

// Rows of a field whose number follows from sequences and steps.
template <typename Info>
FieldCounts ExpectedCounts(const Field& field, const Info& info) {
  if (field.alignment == Alignment::kStep) return {info.steps, info.longest};
  return {info.sequences, info.sequences > 0 ? 1 : 0};
}

template <typename Info>
void FieldCountsFrom(const JsonNode& node, const CorpusInfo& corpus, Info* info) {
  const std::vector<Field>& fields = corpus.schema.fields;
  if (!node.Has("fields")) {
    for (const Field& field : fields) info->fields.push_back(ExpectedCounts(field, *info));
    if (!corpus.has_target_lists()) return;
    info->fields[1].rows = node.At("targets").Integer(0);
    info->fields[1].longest = node.At("longest_targets").Integer(0, info->fields[1].rows);
    return;
  }
  const std::vector<JsonNode> items = node.At("fields").Items();
  if (items.size() != fields.size()) {
    node.At("fields").Fail(
        fmt::format("has {} entries for {} fields", items.size(), fields.size()));
  }
  for (std::size_t f = 0; f < items.size(); ++f) {
    FieldCounts counts;
    counts.rows = items[f].At("rows").Integer(0);
    counts.longest = items[f].At("longest").Integer(0, counts.rows);
    const FieldCounts expected = ExpectedCounts(fields[f], *info);
    const bool wrong = counts.rows != expected.rows || counts.longest != expected.longest;
    if (!HasOwnLength(fields[f]) && wrong) {
      items[f].Fail(fmt::format("has {} rows, longest {}; its alignment asks for {} and {}",
                                counts.rows, counts.longest, expected.rows, expected.longest));
    }
    info->fields.push_back(counts);
  }
}

ShardInfo ShardFrom(const JsonNode& node, const CorpusInfo& info) {
  constexpr Index kMostRecords = std::numeric_limits<std::int32_t>::max();
  ShardInfo shard;
  shard.file = FileNameFrom(node.At("file"));
  shard.sequences = node.At("sequences").Integer(1, kMostRecords);
  shard.steps = node.At("steps").Integer(shard.sequences);
  shard.longest = node.At("longest").Integer(1, shard.steps);
  FieldCountsFrom(node, info, &shard);
  shard.bytes = node.At("bytes").Integer(1);
  if (info.has_names) shard.name_bytes = node.At("name_bytes").Integer(0, shard.bytes);
  if (info.has_cuts) shard.cuts = node.At("cuts").Integer(2 * shard.sequences, shard.bytes);
  shard.places = PlacesFrom(node.At("places"), info, shard.bytes);
  shard.frame_hash = node.At("frame_hash").Text();
  CheckShardClaims(node, info, shard);
  return shard;
}

void CheckFieldSums(const JsonNode& node, const SplitInfo& split, const Schema& schema) {
  for (std::size_t f = 0; f < schema.fields.size(); ++f) {
    FieldCounts sum;
    for (const ShardInfo& shard : split.shards) {
      if (__builtin_add_overflow(sum.rows, shard.fields[f].rows, &sum.rows)) {
        node.Fail(
            fmt::format("has more rows of \"{}\" than can be counted", schema.fields[f].name));
      }
      sum.longest = std::max(sum.longest, shard.fields[f].longest);
    }
    const FieldCounts& claimed = split.fields[f];
    if (sum.rows == claimed.rows && sum.longest == claimed.longest) continue;
    node.Fail(fmt::format("claims {} {}, longest {}; its shards have {}, {}", claimed.rows,
                          schema.fields[f].name, claimed.longest, sum.rows, sum.longest));
  }
}

// The shards must add up to the split; sums are checked for overflow on the way.
void CheckSums(const JsonNode& node, const SplitInfo& split, const Schema& schema) {
  SplitInfo sum;
  for (const ShardInfo& shard : split.shards) {
    if (__builtin_add_overflow(sum.sequences, shard.sequences, &sum.sequences) ||
        __builtin_add_overflow(sum.steps, shard.steps, &sum.steps)) {
      node.Fail("has more steps than can be counted");
    }
    sum.longest = std::max(sum.longest, shard.longest);
  }
  if (sum.sequences != split.sequences || sum.steps != split.steps ||
      sum.longest != split.longest) {
    node.Fail(fmt::format("claims {} sequences, {} steps, longest {}; its shards have {}, {}, {}",
                          split.sequences, split.steps, split.longest, sum.sequences, sum.steps,
                          sum.longest));
  }
  CheckFieldSums(node, split, schema);
}

SplitInfo SplitFrom(const JsonNode& node, const CorpusInfo& info) {
  SplitInfo split;
  for (const JsonNode& shard : node.At("shards").Items()) {
    split.shards.push_back(ShardFrom(shard, info));
  }
  split.sequences = node.At("sequences").Integer(0);
  split.steps = node.At("steps").Integer(0);
  split.longest = node.At("longest").Integer(0);
  FieldCountsFrom(node, info, &split);
  split.first_sample_id = node.At("first_sample_id").Integer(0, kNoLimit - split.sequences);
  const Index rows = split.fields[info.target_index()].rows, width = info.target().width;
  const Index most_labels = rows > kNoLimit / width ? kNoLimit : rows * width;
  for (const JsonNode& count : node.At("label_counts").Items()) {
    split.label_counts.push_back(count.Integer(0, most_labels));
  }
  const std::size_t classes = info.classes().size();
  if (split.label_counts.size() != classes) {
    node.At("label_counts")
        .Fail(fmt::format("has {} counts for {} classes", split.label_counts.size(), classes));
  }
  CheckSums(node, split, info.schema);
  return split;
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

FrameStore FrameStoreFrom(const JsonNode& node) {
  constexpr Index kMostFrames = Index{1} << 32, kMostWidth = Index{1} << 16;
  FrameStore store{FileNameFrom(node.At("file")), node.At("width").Integer(1, kMostWidth)};
  Index all = 0;
  for (const JsonNode& frames : node.At("frames").Items()) {
    store.frames.push_back(frames.Integer(1, kMostFrames - all));
    all += store.frames.back();
  }
  if (all == 0) node.At("frames").Fail("is empty");
  store.hash = node.At("hash").Text();
  return store;
}

void ReadLaterKeys(const JsonNode& root, CorpusInfo* info) {
  info->has_names = root.At("has_names").Boolean();
  if (root.Has("noise")) info->noise = FrameStoreFrom(root.At("noise"));
  if (root.Has("rooms")) info->rooms = FrameStoreFrom(root.At("rooms"));
  if (root.Has("has_cuts")) info->has_cuts = root.At("has_cuts").Boolean();
  if (info->has_cuts && (!info->leading().is_real() || !info->has_target_lists())) {
    root.At("has_cuts").Fail("is true, but only samples of frames with lists of labels have cuts");
  }
  if (root.Has("features")) info->features = root.At("features").Dump();
  if (root.Has("units")) info->units = root.At("units").Dump();
  if (root.Has("task")) info->task = root.At("task").Dump();
}

}  // namespace

CorpusInfo CorpusFromDocument(const nlohmann::json& document, const std::string& file) {
  const JsonNode root(document, file, "");
  CorpusInfo info;
  info.kind = root.At("kind").Text();
  const Index version = root.At("format_version").Integer(1);
  info.schema =
      version < 3 ? OldSchemaFromIndex(root, version) : SchemaFromIndex(root.At("schema"));
  info.window = root.At("window").Integer(0);
  info.overlap = root.At("overlap").Integer(0);
  if (version > 1) ReadLaterKeys(root, &info);
  for (const auto& [name, split] : root.At("splits").Members()) {
    CheckFileName(root.At("splits"), name);
    info.splits[name] = SplitFrom(split, info);
  }
  ReadSourceTable(root, &info);
  info.provenance = root.At("provenance").Dump();
  info.hash = root.At("hash").Text();
  CheckSampleIds(root, info);
  return info;
}

}  // namespace lockstep
