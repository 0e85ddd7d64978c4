#include "data/translation/translation_corpus.h"

#include <utf8proc.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "data/corpus/source_file.h"
#include "data/corpus/source_table.h"
#include "data/translation/references.h"
#include "data/translation/translation_plan.h"

namespace lockstep {
namespace {

using Ids = std::vector<std::int32_t>;

Schema SchemaOf(const PairEncoder& encoder) {
  Schema schema;
  schema.vocabularies = {encoder.source_words()};
  if (!encoder.shared()) schema.vocabularies.push_back(encoder.target_words());
  schema.fields = {{.name = "inputs",
                    .type = ElementType::kInt32,
                    .alignment = Alignment::kStep,
                    .role = FieldRole::kInput,
                    .vocabulary = 0},
                   {.name = "targets",
                    .type = ElementType::kInt32,
                    .alignment = Alignment::kOwnSteps,
                    .role = FieldRole::kTarget,
                    .vocabulary = encoder.shared() ? 0 : 1}};
  schema.unit = "tokens";
  return schema;
}

CorpusInfo HeaderOf(const TranslationOptions& options, const PairEncoder& encoder) {
  CorpusInfo info;
  info.kind = kTranslationKind;
  info.schema = SchemaOf(encoder);
  info.has_names = true;
  std::vector<std::string> paths;
  for (const ParallelFile& file : options.files) paths.push_back(file.source);
  info.sources = options.synthetic > 0 ? std::vector<std::string>{"synthetic"} : SourceNames(paths);
  info.task = options.like ? options.like->task : encoder.TaskJson();
  return info;
}

void Count(const Ids& ids, std::int32_t unknown, TranslationSummary::Side* side) {
  const Index tokens = std::ssize(ids) - 1;
  side->tokens += tokens;
  side->unknown += std::ranges::count(ids, unknown);
  side->longest = std::max(side->longest, tokens);
}

// Writes pairs into their splits.
class PairWriter {
 public:
  PairWriter(const TranslationOptions& options, const TranslationPlan& plan,
             const CorpusInfo& header, TranslationSummary* summary)
      : options_(options),
        plan_(plan),
        names_(header.sources),
        writer_(options.out, header, {"train", "valid", "test"}, options.shard_bytes),
        summary_(*summary) {}

  void Add(const PairStream::Pair& pair) {
    const Ids source = plan_.encoder.SourceIds(pair.source);
    const Ids target = plan_.encoder.TargetIds(pair.target);
    if (source.size() == 1 || target.size() == 1) {
      throw BadData("{}:{}: the trained pieces leave no token of the pair; remove it",
                    names_[pair.file], pair.line);
    }
    const Index longer = std::max(std::ssize(source), std::ssize(target)) - 1;
    if (pair.split == DataSplit::kTrain && options_.max_tokens > 0 &&
        longer > options_.max_tokens) {
      ++summary_.too_long;
      return;
    }
    Write(pair, source, target);
  }

  // Publishes the references, which must be there before corpus.json is.
  nlohmann::json FinishReferences() {
    nlohmann::json described;
    for (auto& [split, references] : references_)
      described[DataSplitName(split)] = references.Finish();
    return described;
  }
  CorpusInfo Finish(const nlohmann::json& provenance) {
    return writer_.Finish(ProvenanceText(provenance));
  }

 private:
  void Write(const PairStream::Pair& pair, const Ids& source, const Ids& target) {
    const std::string split = DataSplitName(pair.split);
    writer_.SetSource(static_cast<Index>(pair.file));
    writer_.Add(split, {{std::as_bytes(std::span(source)), std::as_bytes(std::span(target))},
                        std::ssize(source),
                        fmt::format("{}:{}", names_[pair.file], pair.line)});
    references_.try_emplace(pair.split, options_.out, pair.split)
        .first->second.Add(pair.raw_target);
    auto& counts = summary_.splits[static_cast<std::size_t>(pair.split)];
    ++counts.pairs;
    Count(source, plan_.encoder.source().unknown(), &counts.source);
    Count(target, plan_.encoder.target().unknown(), &counts.target);
  }

  const TranslationOptions& options_;
  const TranslationPlan& plan_;
  const std::vector<std::string> names_;
  CorpusWriter writer_;
  std::map<DataSplit, ReferenceWriter> references_;
  TranslationSummary& summary_;
};

void RequireTrainingPairs(const TranslationOptions& options, const TranslationSummary& summary) {
  const auto& training = summary.splits[static_cast<std::size_t>(DataSplit::kTrain)];
  if (training.pairs > 0 || summary.too_long == 0) return;
  throw UsageError(
      "--max-tokens {} leaves none of the {} training pairs, because a side of each has more "
      "tokens; give a larger number, or leave the option out",
      options.max_tokens, summary.too_long);
}

nlohmann::json Provenance(const TranslationOptions& options, const TranslationSummary& summary) {
  nlohmann::json provenance = {{"importer", kTranslationKind},
                               {"options", TranslationOptionsJson(options)},
                               {"unicode", utf8proc_unicode_version()},
                               {"left_out_empty", summary.empty},
                               {"left_out_long", summary.too_long},
                               {"different_source_tokens", summary.different_source},
                               {"different_target_tokens", summary.different_target}};
  if (options.synthetic > 0)
    provenance["synthetic"] = {{"pairs", options.synthetic}, {"seed", options.draw.seed}};
  for (const ParallelFile& file : options.files) {
    for (const std::string& path : {file.source, file.target}) {
      if (path.empty()) continue;
      nlohmann::json source = DescribeSource(path);
      source["split"] = DataSplitName(file.split);
      provenance["sources"].push_back(source);
    }
  }
  return provenance;
}

}  // namespace

TranslationSummary PrepareTranslation(const TranslationOptions& options) {
  CheckTranslationOptions(options);
  RefuseExistingCorpus(options.out);
  const TranslationPlan plan = PlanTranslation(options);
  const CorpusInfo header = HeaderOf(options, plan.encoder);
  TranslationSummary summary;
  summary.known = plan.known;
  summary.different_source = plan.different_source;
  summary.different_target = plan.different_target;
  PairWriter writer(options, plan, header, &summary);
  PairStream pairs(options, "writing pairs");
  for (PairStream::Pair pair; pairs.Next(&pair);) {
    if (pair.split == DataSplit::kTrain) summary.known.AddTraining(HashOfText(pair.source));
    writer.Add(pair);
  }
  if (pairs.counts() != plan.counts)
    throw BadData("the files have changed while they were read; prepare the corpus again");
  RequireTrainingPairs(options, summary);
  summary.empty = pairs.counts().empty;
  nlohmann::json provenance = Provenance(options, summary);
  provenance["references"] = writer.FinishReferences();
  summary.info = writer.Finish(provenance);
  return summary;
}

}  // namespace lockstep
