#include "bench/recipe_training.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "bench/problem_file.h"
#include "launch/frame/shared_files.h"
#include "launch/run/training_setup.h"
#include "launch/tasks/tasks.h"
#include "trainer/estimate/memory_bound.h"

namespace lockstep {
namespace {

TurnOptions TurnsOf(const TrainerOptions& options) {
  TurnOptions turns;
  turns.optimizer = options.optimizer;
  turns.optimizer.average = {};
  turns.clip = options.clip;
  turns.learning_rate = options.schedule.learning_rate;
  turns.measures_core = false;  // turns are timed from outside
  return turns;
}

WorkerOptions WorkersOf(const CorpusInfo& corpus, const TrainerOptions& options) {
  return {.slots = options.stream.plan.slots,
          .threads = options.threads,
          .seed = options.seed,
          .bounds = TrainingBounds(corpus, options),
          .carries = options.stream.part_steps > 0};
}

nlohmann::json DescribeField(const Schema& schema, const Field& field) {
  nlohmann::json text = {{"name", field.name},
                         {"width", field.width},
                         {"real", field.is_real()},
                         {"alignment", AlignmentName(field.alignment)}};
  if (field.vocabulary < 0) return text;
  const Vocabulary& vocabulary = schema.VocabularyOf(field);
  text["ids"] = vocabulary.names.size();
  text["start"] = vocabulary.start;
  text["unknown"] = vocabulary.unknown;
  text["followers"] = vocabulary.order.followers;
  text["first"] = vocabulary.order.first;
  text["last"] = vocabulary.order.last;
  return text;
}

// Each sequence of the batch alone, in the order of the slots.
std::vector<SlotBatch> SequencesOf(const Schema& schema, const RankBatch& batch) {
  std::vector<SlotBatch> sequences;
  for (const SlotBatch& slot : batch.slots) {
    for (Index b = 0; b < slot.layout.sequences(); ++b) {
      sequences.push_back(SequenceOf(schema, slot, b));
    }
  }
  return sequences;
}

Index RowsOf(const Field& field, const SlotBatch& sequence, const FieldBatch& rows) {
  if (field.is_real()) {
    return field.alignment == Alignment::kSequence ? 1 : sequence.layout.rows();
  }
  return std::ssize(rows.ids) / field.width;
}

nlohmann::json DescribeBatch(const Schema& schema, const RankBatch& batch) {
  nlohmann::json text = {{"part", batch.cursor.part}, {"sequences", nlohmann::json::array()}};
  for (const SlotBatch& sequence : SequencesOf(schema, batch)) {
    nlohmann::json rows;
    for (std::size_t f = 0; f < schema.fields.size(); ++f) {
      rows.push_back(RowsOf(schema.fields[f], sequence, sequence.fields[f]));
    }
    text["sequences"].push_back(rows);
  }
  return text;
}

void WriteField(const Field& field, const SlotBatch& sequence, const FieldBatch& rows,
                std::ostream& out) {
  if (field.alignment == Alignment::kListInStep) {
    std::vector<std::int32_t> lengths;
    for (std::size_t t = 1; t < rows.offsets.size(); ++t) {
      lengths.push_back(static_cast<std::int32_t>(rows.offsets[t] - rows.offsets[t - 1]));
    }
    WriteArray<std::int32_t>(lengths, out);
  }
  if (field.is_real()) {
    const Index count = RowsOf(field, sequence, rows) * field.width;
    WriteArray<float>(rows.values.span().first(static_cast<std::size_t>(count)), out);
  } else {
    WriteArray<std::int32_t>(rows.ids, out);
  }
}

}  // namespace

RecipeTraining::RecipeTraining(const Communicator& comm, const RecipeOptions& options)
    : folder_(options.corpus) {
  config_.ReadFile(options.config);
  for (const std::string& setting : options.settings) config_.SetFromCommandLine(setting);
  config_.Finish();
  corpus_ = ReadSharedCorpus(comm, options.corpus);
  CompleteSchema(&corpus_);
  options_ = OptionsFor(config_, corpus_);
  schema_ = BatchSchema(corpus_, options_.stream);
  TurnOptions turns = TurnsOf(options_);
  training_ = std::make_unique<TrainingTurns>(comm, MakeModel<float>(options_.model, schema_),
                                              WorkersOf(corpus_, options_), turns);
  slots_ = DealSlots(options_.stream.plan.slots, comm.rank(), comm.size());
  BatchStream stream(folder_, corpus_, "train", options_.stream, slots_, {});
  for (Index i = 0; i < options.batches; ++i) batches_.push_back(stream.Next());
}

const RankBatch& RecipeTraining::Next() {
  const std::size_t batch = next_;
  next_ = (next_ + 1) % batches_.size();
  return *batches_[batch];
}

double RecipeTraining::Step() { return training_->Turn(Next()); }

void RecipeTraining::Evaluate() { training_->Evaluate(Next()); }

StepCounts RecipeTraining::CountsOfNext(Index count) const {
  StepCounts counts;
  for (Index i = 0; i < count; ++i) {
    const RankBatch& batch = *batches_[(next_ + static_cast<std::size_t>(i)) % batches_.size()];
    counts.steps += batch.steps;
    counts.target_steps += batch.target_steps;
  }
  return counts;
}

void RecipeTraining::SaveValidation(const std::string& path) const {
  StreamOptions options = EvaluationStream(options_.stream);
  options.last_epoch = 0;
  BatchStream stream(folder_, corpus_, options_.validation.split, options, slots_, {});
  Batches batches;
  for (auto batch = stream.Next(); batch != nullptr; batch = stream.Next()) {
    batches.push_back(std::move(batch));
  }
  SaveBatches(batches, path);
}

void RecipeTraining::SaveBatches(const Batches& batches, const std::string& path) const {
  const WordOptions& words = options_.model.encoder.words;
  nlohmann::json head = {{"config", config_.Values()},
                         {"once", {words.once_begin, words.once_end}}};
  for (const ParameterInfo& info : layout().infos()) {
    head["parameters"].push_back({info.name, info.shape, info.decays});
  }
  for (const Field& field : schema_.fields) head["fields"].push_back(DescribeField(schema_, field));
  for (const auto& batch : batches) head["batches"].push_back(DescribeBatch(schema_, *batch));
  std::ofstream out(path, std::ios::binary);
  out << head.dump() << "\n";
  for (const ParameterInfo& info : layout().infos()) {
    WriteArray(training_->values().subspan(static_cast<std::size_t>(info.offset),
                                           static_cast<std::size_t>(info.count())),
               out);
  }
  for (const auto& batch : batches) {
    for (const SlotBatch& sequence : SequencesOf(schema_, *batch)) {
      for (std::size_t f = 0; f < schema_.fields.size(); ++f) {
        WriteField(schema_.fields[f], sequence, sequence.fields[f], out);
      }
    }
  }
  out.flush();
  if (!out) throw IoError(fmt::format("cannot write {}", path));
}

}  // namespace lockstep
