#include "data/text/text_corpus.h"

#include <utf8proc.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <span>

#include "base/error.h"
#include "base/utf8.h"
#include "base/work_progress.h"
#include "data/corpus/source_file.h"
#include "data/corpus/source_table.h"

namespace lockstep {
namespace {

// The largest number of ids that fit into bytes, because 255 stands for an ignored target.
constexpr std::size_t kMostByteIds = 255;

ElementType TypeOfIds(const Vocabulary& vocabulary) {
  return vocabulary.names.size() <= kMostByteIds ? ElementType::kUint8 : ElementType::kInt32;
}

Schema SchemaOf(const TextPlan& plan, const std::string& unit) {
  Vocabulary classes;
  classes.name = "classes";
  classes.names = plan.survey.classes;
  Schema schema;
  schema.vocabularies = {plan.words, classes};
  schema.fields = {{.name = "inputs",
                    .type = TypeOfIds(plan.words),
                    .alignment = Alignment::kStep,
                    .role = FieldRole::kInput,
                    .vocabulary = 0},
                   {.name = "targets",
                    .type = TypeOfIds(classes),
                    .alignment = Alignment::kSequence,
                    .role = FieldRole::kTarget,
                    .vocabulary = 1}};
  schema.unit = unit;
  return schema;
}

CorpusInfo HeaderOf(const TextCorpusOptions& options, const TextPlan& plan) {
  CorpusInfo info;
  info.kind = options.kind;
  info.schema = SchemaOf(plan, options.unit);
  info.has_names = true;
  std::vector<std::string> paths;
  for (const TextFile& file : options.files) paths.push_back(file.file.path);
  info.sources = SourceNames(paths);
  // As it was, also where these files have another encoding: the same task is the same input.
  info.task = options.like ? options.like->task : plan.encoder.TaskJson(options.lines.encoding);
  return info;
}

// Writes ids to `bytes` in the element type of the field.
void StoreIds(std::span<const std::int32_t> ids, ElementType type, std::vector<std::byte>* bytes) {
  bytes->clear();
  if (type == ElementType::kUint8) {
    for (const std::int32_t id : ids) bytes->push_back(static_cast<std::byte>(id));
    return;
  }
  const auto as_bytes = std::as_bytes(ids);
  bytes->assign(as_bytes.begin(), as_bytes.end());
}

// The name of a sample, such as "train.tsv:7". It does not contain the folder, so that a corpus
// does not depend on where its sources are.
std::string SampleName(const std::string& path, std::uint64_t line) {
  const std::string file = std::filesystem::path(path).filename().string();
  std::string name;
  for (std::string_view rest = file; !rest.empty();) {
    const std::string_view point = FirstCodePoint(rest);
    name += point.empty() ? "?" : point;
    rest.remove_prefix(point.empty() ? 1 : point.size());
  }
  return fmt::format("{}:{}", name, line);
}

nlohmann::json Provenance(const TextCorpusOptions& options, const TextSummary& summary) {
  nlohmann::json provenance = {{"importer", options.kind},
                               {"options", TextOptionsJson(options)},
                               {"unicode", utf8proc_unicode_version()},
                               {"left_out", summary.empty},
                               {"different_tokens", summary.different_tokens}};
  for (std::size_t f = 0; f < options.files.size(); ++f) {
    nlohmann::json source = DescribeSource(options.files[f].file.path);
    source["split"] = DataSplitName(options.files[f].split);
    source["read_as"] = summary.files[f];
    provenance["sources"].push_back(source);
  }
  return provenance;
}

// Writes the samples of a plan, in the order of the files.
void WriteSamples(const TextCorpusOptions& options, const TextPlan& plan, const CorpusInfo& header,
                  CorpusWriter* writer, TextSummary* summary) {
  SurveyedTexts texts(options, plan.survey);
  std::vector<std::byte> inputs;
  std::vector<std::byte> target;
  WorkProgress progress("prepare");
  for (SurveyedTexts::Text text; texts.Next(&text);) {
    const Index number = text.row - plan.survey.rows.data() + 1;
    progress.Tell(static_cast<double>(number) / static_cast<double>(plan.survey.rows.size()),
                  [&] { return fmt::format("{} of {} texts", number, plan.survey.rows.size()); });
    const std::vector<std::int32_t> ids = plan.encoder.EncodeRuled(text.text);
    if (ids.empty()) {
      throw BadData("{}: the trained pieces leave no token of the text; remove the row",
                    text.source);
    }
    StoreIds(ids, header.schema.fields[0].type, &inputs);
    StoreIds({&text.row->label, 1}, header.schema.fields[1].type, &target);
    const SurveyedRow& row = *text.row;
    const std::string name = SampleName(options.files[row.file].file.path, row.line);
    writer->SetSource(row.file);
    writer->Add(DataSplitName(row.split), {{inputs, target}, static_cast<Index>(ids.size()), name});
    AddText(ids, plan.encoder.unknown(), &summary->splits[static_cast<std::size_t>(row.split)]);
  }
}

}  // namespace

TextCorpusSummary PrepareLabelledText(const TextCorpusOptions& options) {
  CheckTextOptions(options);
  RefuseExistingCorpus(options.out);
  const TextPlan plan = PlanTexts(options);
  TextCorpusSummary summary{.info = {}, .texts = SummaryOf(plan)};
  const CorpusInfo header = HeaderOf(options, plan);
  CorpusWriter writer(options.out, header, {"train", "valid", "test"}, options.shard_bytes);
  WriteSamples(options, plan, header, &writer, &summary.texts);
  summary.info = writer.Finish(ProvenanceText(Provenance(options, summary.texts)));
  return summary;
}

}  // namespace lockstep
