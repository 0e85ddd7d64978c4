// In corpus.json:
//   "sources": {"names": ["a.fa", "b.fa"],
//               "runs": {"train": [[0, 1200, 614400], [1, 80, 40960]], "valid": [...]}}
// A run is [source, sequences, steps]; the runs of a split are in the order of its sample ids.
#include "data/corpus/source_table.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

#include "base/error.h"
#include "base/utf8.h"

namespace lockstep {
namespace {

using Json = nlohmann::json;

constexpr const char* kTrain = "train";

std::string ValidText(std::string_view bytes) {
  std::string text;
  while (!bytes.empty()) {
    const std::string_view point = FirstCodePoint(bytes);
    text += point.empty() ? "?" : point;
    bytes.remove_prefix(point.empty() ? 1 : point.size());
  }
  return text;
}

std::string LastPart(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path.substr(path.rfind('/') + 1);
}

bool HasSeveral(const CorpusInfo& info) {
  const auto train = info.splits.find(kTrain);
  if (train == info.splits.end()) return false;
  const std::vector<SourceRun>& runs = train->second.sources;
  return std::ranges::any_of(runs,
                             [&](const SourceRun& run) { return run.source != runs[0].source; });
}

SourceRun RunFrom(const JsonNode& node, std::size_t sources) {
  const std::vector<JsonNode> items = node.Items();
  if (items.size() != 3) node.Fail("is no list of source, sequences and steps");
  SourceRun run;
  run.source = items[0].Integer(0, static_cast<Index>(sources) - 1);
  run.sequences = items[1].Integer(1);
  run.steps = items[2].Integer(run.sequences);
  return run;
}

// The runs must add up to the split; what is left is compared before it is used up, so that no sum
// can overflow.
std::vector<SourceRun> RunsFrom(const JsonNode& node, const SplitInfo& split, std::size_t sources) {
  std::vector<SourceRun> runs;
  Index sequences = split.sequences, steps = split.steps;
  for (const JsonNode& item : node.Items()) {
    const SourceRun run = RunFrom(item, sources);
    if (run.sequences > sequences || run.steps > steps) {
      item.Fail("has more sequences or steps than are left of the split");
    }
    sequences -= run.sequences;
    steps -= run.steps;
    runs.push_back(run);
  }
  if (sequences == 0 && steps == 0) return runs;
  node.Fail(fmt::format("leaves {} sequences and {} steps of the split without a source", sequences,
                        steps));
}

std::vector<std::string> NamesFrom(const JsonNode& node) {
  std::vector<std::string> names;
  std::set<std::string> known;
  for (const JsonNode& item : node.Items()) {
    names.push_back(item.Text());
    if (!known.insert(names.back()).second) item.Fail("is the name of two sources");
  }
  if (names.empty()) node.Fail("has no name");
  return names;
}

}  // namespace

std::string UniqueNames::Take(const std::string& name) {
  std::string unique = name;
  int& number = numbers_.try_emplace(name, 1).first->second;
  while (!taken_.insert(unique).second) unique = fmt::format("{} ({})", name, ++number);
  return unique;
}

std::vector<std::string> SourceNames(std::span<const std::string> paths) {
  std::map<std::string, int> of_part;
  for (const std::string& path : paths) ++of_part[LastPart(path)];
  std::vector<std::string> names;
  UniqueNames unique;
  for (const std::string& path : paths) {
    const std::string part = LastPart(path);
    names.push_back(unique.Take(ValidText(of_part[part] == 1 && !part.empty() ? part : path)));
  }
  return names;
}

void AddToRuns(Index source, Index sequences, Index steps, std::vector<SourceRun>* runs) {
  if (sequences == 0) return;
  if (runs->empty() || runs->back().source != source) runs->push_back({source, 0, 0});
  runs->back().sequences += sequences;
  runs->back().steps += steps;
}

std::vector<std::string> SourcesOf(const CorpusInfo& info) {
  return info.sources.empty() ? std::vector<std::string>{"all"} : info.sources;
}

std::vector<SourceRun> RunsOf(const SplitInfo& split) {
  return split.sources.empty() ? std::vector<SourceRun>{{0, split.sequences, split.steps}}
                               : split.sources;
}

std::vector<SourceCounts> CountSources(const CorpusInfo& info, const SplitInfo& split) {
  std::vector<SourceCounts> counts(SourcesOf(info).size());
  for (const SourceRun& run : RunsOf(split)) {
    SourceCounts& of_source = counts[static_cast<std::size_t>(run.source)];
    of_source.sequences += run.sequences;
    of_source.steps += run.steps;
  }
  return counts;
}

void AddSourceTable(const CorpusInfo& info, nlohmann::json* document) {
  if (info.sources.empty() || !HasSeveral(info)) return;
  Json runs = Json::object();
  for (const auto& [name, split] : info.splits) {
    runs[name] = Json::array();
    for (const SourceRun& run : split.sources) {
      runs[name].push_back({run.source, run.sequences, run.steps});
    }
  }
  (*document)["sources"] = {{"names", info.sources}, {"runs", runs}};
}

void ReadSourceTable(const JsonNode& root, CorpusInfo* info) {
  if (!root.Has("sources")) return;
  const JsonNode table = root.At("sources");
  info->sources = NamesFrom(table.At("names"));
  for (auto& [name, split] : info->splits) {
    split.sources = RunsFrom(table.At("runs").At(name), split, info->sources.size());
  }
}

}  // namespace lockstep
