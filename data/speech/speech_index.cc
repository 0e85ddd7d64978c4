#include "data/speech/speech_index.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_text.h"
#include "data/corpus/source_file.h"
#include "data/corpus/source_table.h"

namespace lockstep {

namespace fs = std::filesystem;

namespace {

const char* SourceName(UtteranceKind kind) {
  if (kind == UtteranceKind::kArk) return "kaldi";
  return kind == UtteranceKind::kMfc ? "mfc" : "audio";
}

}  // namespace

CorpusInfo SpeechHeader(const SpeechOptions& options, const SpeechPlan& plan, const Units& units) {
  const Index bins = plan.base_width;
  nlohmann::json features = {{"source", SourceName(plan.source)},
                             {"bins", bins},
                             {"deltas", options.sound.deltas},
                             {"normalise", NormalisationName(options.sound.normalise)}};
  if (features["source"] == "audio") {
    features["options"] = FeatureOptionsJson(options.sound.features);
  }
  CorpusInfo info;
  info.kind = "speech";
  const Field frames{.type = ElementType::kFloat32, .width = bins * (1 + options.sound.deltas)};
  const Field labels{.type = ElementType::kInt32, .alignment = Alignment::kList};
  info.schema = TwoFieldSchema(frames, {}, labels, {"classes", units.names(), {}, -1});
  info.has_names = true;
  info.has_cuts = options.knows_words();
  std::vector<std::string> manifests;
  for (const SpeechSplit& split : options.splits) manifests.push_back(split.manifest.path);
  info.sources = SourceNames(manifests);
  info.features = JsonText(features);
  nlohmann::json described = {{"kind", UnitKindName(units.kind())},
                              {"letter_case", LetterCaseName(options.units.letter_case)}};
  if (!plan.unit_model.empty()) described["model"] = kUnitModelName;
  info.units = JsonText(described);
  return info;
}

void PutStatistics(const FeatureStatistics& statistics, CorpusInfo* header) {
  nlohmann::json features = ParseJson(header->features);
  features["training"] = StatisticsJson(statistics);
  header->features = JsonText(features);
}

void AddSplit(const SplitInfo& from, SplitInfo& to) {
  if (to.shards.empty()) to.first_sample_id = from.first_sample_id;
  to.shards.insert(to.shards.end(), from.shards.begin(), from.shards.end());
  to.sequences += from.sequences;
  to.steps += from.steps;
  to.longest = std::max(to.longest, from.longest);
  to.fields.resize(from.fields.size());
  for (std::size_t f = 0; f < from.fields.size(); ++f) {
    to.fields[f].rows += from.fields[f].rows;
    to.fields[f].longest = std::max(to.fields[f].longest, from.fields[f].longest);
  }
  to.label_counts.resize(from.label_counts.size(), 0);
  for (std::size_t c = 0; c < from.label_counts.size(); ++c) {
    to.label_counts[c] += from.label_counts[c];
  }
}

nlohmann::json SpeechProvenance(const SpeechOptions& options, const SpeechPlan& plan,
                                const SpeechSummary& summary) {
  nlohmann::json provenance = {{"importer", "speech"},
                               {"options", SpeechOptionsJson(options)},
                               {"manifests_hash", plan.manifests_hash},
                               {"skipped", summary.skipped},
                               {"held_out_speakers", plan.held_out_speakers}};
  for (const auto& [name, split] : summary.splits) {
    provenance["splits"][name] = {{"utterances", split.utterances}, {"seconds", split.seconds}};
  }
  if (!options.noise_files.empty()) {
    provenance["noise_files"] = options.noise_files;
    provenance["noise_seconds"] = options.noise_seconds;
  }
  if (!options.room_files.empty()) provenance["room_files"] = options.room_files;
  if (!plan.test_speakers.empty()) provenance["test_speakers"] = plan.test_speakers;
  std::map<std::string, int> manifests_of;
  for (const SpeechSplit& split : options.splits) {
    const std::string& path = split.manifest.path;
    if (!fs::is_regular_file(path)) continue;
    // The second manifest of a split is "train 2".
    const int number = ++manifests_of[split.name];
    const std::string name = number == 1 ? split.name : fmt::format("{} {}", split.name, number);
    provenance["manifests"][name] = DescribeSource(path);
  }
  return provenance;
}

}  // namespace lockstep
