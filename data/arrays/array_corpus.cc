#include "data/arrays/array_corpus.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "data/corpus/source_file.h"
#include "data/corpus/source_table.h"

namespace lockstep {
namespace {

// The largest number of ids in one byte, where 255 stands for an ignored target.
constexpr std::size_t kMostByteIds = kIgnoredTargetByte;

// The task of the other corpus, which the columns of this one must fit.
ArrayTask TaskLike(const LikeArrayCorpus& like, const ArraySurvey& survey) {
  ArrayTask task = ArrayTaskFromJson(like.task, like.folder);
  const ArrayColumns& columns = survey.columns;
  if (columns.inputs.size() == task.inputs.size() && columns.targets.size() == task.targets.size())
    return task;
  throw BadData("the files have {} inputs and {} targets, {} has {} and {}; give the same arrays",
                columns.inputs.size(), columns.targets.size(), like.folder, task.inputs.size(),
                task.targets.size());
}

ArrayTask TaskOf(const ArrayCorpusOptions& options, const ArraySurvey& survey,
                 const ArrayMeasures& measures) {
  if (options.like) return TaskLike(*options.like, survey);
  ArrayTask task;
  task.has_classes = survey.has_classes;
  task.per_step = survey.per_step;
  task.missing_rule = options.missing_rule;
  task.missing = survey.read.missing.given();
  task.table = survey.read.table;
  const ArrayFiles& train = options.FilesOf(DataSplit::kTrain);
  const bool has_members =
      !train.files.empty() && (KindOfArrayFile(train.files[0]) == ArrayFileKind::kNpz ||
                               KindOfArrayFile(train.files[0]) == ArrayFileKind::kHdf5);
  if (has_members) task.members = train.members;  // otherwise they are paths
  task.has_ends =
      !has_members && (!train.members.lengths.empty() || !train.members.offsets.empty());
  for (std::size_t c = 0; c < survey.columns.inputs.size(); ++c) {
    task.inputs.push_back(ScaleOf(survey.columns.inputs[c], measures.inputs[c], options.inputs));
    task.inputs.back().has_indicator =
        options.missing_rule == MissingRule::kIndicator && measures.missing_inputs[c] > 0;
  }
  for (std::size_t k = 0; k < survey.columns.targets.size(); ++k) {
    task.targets.push_back(survey.has_classes ? ColumnScale{.name = survey.columns.targets[k]}
                                              : ScaleOf(survey.columns.targets[k],
                                                        measures.targets[k], options.targets));
  }
  return task;
}

Schema SchemaOf(const ArrayTask& task, const std::vector<std::string>& classes) {
  Schema schema;
  schema.fields = {{.name = "inputs",
                    .type = ElementType::kFloat32,
                    .width = task.input_width(),
                    .alignment = Alignment::kStep,
                    .role = FieldRole::kInput},
                   {.name = "targets",
                    .type = ElementType::kFloat32,
                    .width = static_cast<Index>(task.targets.size()),
                    .alignment = task.per_step ? Alignment::kStep : Alignment::kSequence,
                    .role = FieldRole::kTarget}};
  if (!task.has_classes) return schema;
  schema.fields[1].type =
      classes.size() <= kMostByteIds ? ElementType::kUint8 : ElementType::kInt32;
  schema.fields[1].vocabulary = 0;
  schema.vocabularies.emplace_back();
  schema.vocabularies[0].name = "classes";
  schema.vocabularies[0].names = classes;
  return schema;
}

nlohmann::json Provenance(const ArrayCorpusOptions& options, const ArraySurvey& survey) {
  nlohmann::json json = {{"importer", "arrays"},
                         {"normalise", ScalingRuleName(options.inputs)},
                         {"normalise_targets", ScalingRuleName(options.targets)},
                         {"left_out_columns", survey.columns.left_out},
                         {"left_out_sequences", survey.dropped},
                         {"draw",
                          {{"seed", options.draw.seed},
                           {"valid_fraction", options.draw.valid_fraction},
                           {"test_fraction", options.draw.test_fraction},
                           {"fold", options.draw.fold},
                           {"folds", options.draw.folds}}}};
  // Only then, because the provenance is part of the hash by which a run knows its corpus.
  if (options.like) json["like"] = true;
  for (int s = 0; s < kDataSplits; ++s) {
    const auto split = static_cast<DataSplit>(s);
    if (!options.FilesOf(split).any()) continue;
    for (const std::string& path : PathsOf(options.FilesOf(split))) {
      nlohmann::json source = DescribeSource(path);
      source["split"] = DataSplitName(split);
      json["sources"].push_back(source);
    }
  }
  return json;
}

// The files with sequences, those of train, valid and test in this order; `first` is set to the
// index of the first file of each split.
std::vector<std::string> SequenceFiles(const ArrayCorpusOptions& options,
                                       std::array<Index, kDataSplits>* first) {
  std::vector<std::string> paths;
  for (int s = 0; s < kDataSplits; ++s) {
    const ArrayFiles& files = options.FilesOf(static_cast<DataSplit>(s));
    (*first)[static_cast<std::size_t>(s)] = static_cast<Index>(paths.size());
    paths.insert(paths.end(), files.files.begin(), files.files.end());
    if (files.files.empty() && files.any()) paths.push_back(files.members.inputs);
  }
  return paths;
}

// Writes the sequences of the last pass.
class ArrayWriter {
 public:
  ArrayWriter(const ArrayTask& task, const ClassNames& classes, const CorpusInfo& header,
              const std::array<Index, kDataSplits>& first_source, CorpusWriter* writer)
      : encoder_(task),
        order_(classes.Order()),
        target_(header.target()),
        first_source_(first_source),
        writer_(*writer) {}

  void Add(const SurveyedSequence& surveyed, const ArraySequence& sequence) {
    encoder_.EncodeInputs(sequence, &inputs_, &filled_);
    Sample sample;
    sample.steps = sequence.steps;
    sample.name = sequence.name;
    sample.fields = {std::as_bytes(std::span(inputs_)), Targets(sequence)};
    writer_.SetSource(first_source_[static_cast<std::size_t>(surveyed.source)] + surveyed.file);
    writer_.Add(DataSplitName(surveyed.split), sample);
  }

  const FilledCounts& filled() const { return filled_; }

 private:
  std::span<const std::byte> Targets(const ArraySequence& sequence) {
    if (target_.is_real()) {
      encoder_.EncodeTargets(sequence, &reals_);
      return std::as_bytes(std::span(reals_));
    }
    ids_.clear();
    for (const std::int32_t label : sequence.labels) {
      ids_.push_back(label == kMissingLabel ? kIgnoredTarget
                                            : order_[static_cast<std::size_t>(label)]);
    }
    if (target_.type == ElementType::kInt32) return std::as_bytes(std::span(ids_));
    bytes_.clear();  // kIgnoredTarget becomes kIgnoredTargetByte
    for (const std::int32_t id : ids_) bytes_.push_back(static_cast<std::uint8_t>(id));
    return std::as_bytes(std::span(bytes_));
  }

  ArrayEncoder encoder_;
  std::vector<std::int32_t> order_;
  const Field& target_;
  std::array<Index, kDataSplits> first_source_;  // by the split whose file it is
  CorpusWriter& writer_;
  std::vector<float> inputs_;
  std::vector<float> reals_;
  std::vector<std::int32_t> ids_;
  std::vector<std::uint8_t> bytes_;
  FilledCounts filled_;
};

}  // namespace

void TakeOver(const CorpusInfo& corpus, const std::string& folder, ArrayCorpusOptions* options) {
  if (corpus.kind != "arrays") {
    throw UsageError("--like {} is of kind \"{}\"; give a corpus of arrays or a run on one", folder,
                     corpus.kind);
  }
  const ArrayTask task = ArrayTaskFromJson(corpus.task, folder);
  const ArrayTableOptions given = options->read.table;
  options->like = {folder, corpus.task};
  options->read = task.ReadOptions();
  options->read.with_targets = true;
  options->read.target = task.has_classes ? TargetKind::kClass : TargetKind::kReal;
  options->read.per = task.per_step ? TargetPer::kStep : TargetPer::kSequence;
  options->read.table.time_column = given.time_column;
  options->read.table.split_column = given.split_column;
  const auto is_table = [](const ArrayFiles& files) {
    return !files.files.empty() && KindOfArrayFile(files.files[0]) == ArrayFileKind::kTable;
  };
  if (std::ranges::any_of(options->files, is_table)) {  // arrays have no columns with names
    for (const ColumnScale& target : task.targets)
      options->read.table.target_columns.push_back(target.name);
  }
  options->missing_rule = task.missing_rule;
  options->classes = corpus.classes();
  for (ArrayFiles& files : options->files) {
    if (!files.files.empty()) FillMembers(task.members, &files.members);
  }
}

ArrayCorpusSummary PrepareArrays(const ArrayCorpusOptions& options) {
  CheckArrayCorpusOptions(options);
  RefuseExistingCorpus(options.out);
  ArrayCorpusSummary summary;
  summary.survey = SurveyArrays(options);
  summary.measures = MeasureArrays(options, &summary.survey);
  summary.task = TaskOf(options, summary.survey, summary.measures);
  CorpusInfo header;
  header.kind = "arrays";
  header.schema =
      SchemaOf(summary.task, summary.survey.has_classes ? summary.survey.classes.Ordered()
                                                        : std::vector<std::string>());
  header.has_names = true;
  std::array<Index, kDataSplits> first_source{};
  header.sources = SourceNames(SequenceFiles(options, &first_source));
  header.task = options.like ? options.like->task : ArrayTaskToJson(summary.task);
  CorpusWriter writer(options.out, header, {"train", "valid", "test"}, options.shard_bytes);
  ArrayWriter rows(summary.task, summary.survey.classes, header, first_source, &writer);
  ForEachSurveyed(options, &summary.survey,
                  [&](const SurveyedSequence& surveyed, const ArraySequence& sequence) {
                    rows.Add(surveyed, sequence);
                  });
  summary.filled = rows.filled();
  summary.info = writer.Finish(ProvenanceText(Provenance(options, summary.survey)));
  return summary;
}

}  // namespace lockstep
