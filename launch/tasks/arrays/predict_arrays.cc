#include "launch/tasks/arrays/predict_arrays.h"

#include <algorithm>
#include <ostream>

#include "data/arrays/array_encoder.h"
#include "launch/output/text_output.h"
#include "launch/run/scoring_slots.h"
#include "launch/tasks/arrays/array_arguments.h"
#include "worker/decode/sequence_scorer.h"

namespace lockstep {
namespace {

constexpr Index kSequencesAtATime = 256, kStepsAtATime = 1 << 16;

struct EncodedSequence {
  std::string name;
  Index steps = 0;
  std::vector<float> inputs;  // [steps, I]
};

// The next sequences in the order of the file; none at the end.
std::vector<EncodedSequence> NextSequences(ArraySource* source, ArrayEncoder* encoder) {
  std::vector<EncodedSequence> found;
  ArraySequence sequence;
  FilledCounts filled;
  for (Index steps = 0;
       steps < kStepsAtATime && static_cast<Index>(found.size()) < kSequencesAtATime &&
       source->Next(&sequence);
       steps += sequence.steps) {
    EncodedSequence& encoded = found.emplace_back();
    encoded.name = sequence.name;
    encoded.steps = sequence.steps;
    encoder->EncodeInputs(sequence, &encoded.inputs, &filled);
  }
  return found;
}

// Copies the rows of a sequence to their places in the slot.
void Place(const EncodedSequence& sequence, Index b, const PackedLayout& layout, Index width,
           float* values) {
  for (Index t = 0; t < sequence.steps; ++t) {
    std::copy_n(sequence.inputs.begin() + t * width, width, values + layout.Row(t, b) * width);
  }
}

// The sample id is the number of the sequence.
std::vector<SlotBatch> PackSequences(const std::vector<EncodedSequence>& sequences, Index width) {
  std::vector<Index> steps;
  steps.reserve(sequences.size());
  for (const EncodedSequence& sequence : sequences) steps.push_back(sequence.steps);
  std::vector<SlotBatch> slots;
  for (const std::vector<std::size_t>& numbers : DealToSlots(steps)) {
    SlotBatch& slot = slots.emplace_back();
    std::vector<Index> lengths;
    lengths.reserve(numbers.size());
    for (const std::size_t number : numbers) lengths.push_back(steps[number]);
    slot.layout = PackedLayout(lengths);
    FieldBatch& inputs = slot.fields.emplace_back();
    inputs.values = AlignedBuffer<float>(slot.layout.rows() * width);
    slot.sample_ids.assign(numbers.begin(), numbers.end());
    for (Index b = 0; b < slot.layout.sequences(); ++b) {
      Place(sequences[numbers[static_cast<std::size_t>(b)]], b, slot.layout, width,
            inputs.values.data());
    }
  }
  return slots;
}

// A cell of a CSV file: in quotes where it holds what would end it.
std::string Cell(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == text.npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted.append(c == '"' ? "\"\"" : std::string(1, c));
  return quoted + "\"";
}

std::string Header(const ArrayTask& task) {
  std::string header = task.per_step ? "sequence,step" : "sequence";
  if (task.has_classes) return header + ",class,probability";
  for (const ColumnScale& target : task.targets) header += "," + Cell(target.name);
  return header;
}

std::string ClassCells(std::span<const float> scores, const std::vector<std::string>& classes) {
  const BestClass best = FindBestClass(scores);
  return fmt::format(",{},{:.4f}", Cell(classes[best.id]), best.probability);
}

std::string RealCells(std::span<const float> values, const std::vector<ColumnScale>& targets) {
  std::string cells;
  for (std::size_t k = 0; k < targets.size(); ++k) {
    cells += fmt::format(",{:.7g}", targets[k].Unscaled(static_cast<double>(values[k])));
  }
  return cells;
}

void WriteSequence(const std::string& name, const SequenceScores& found, const ArrayTask& task,
                   const CorpusInfo& corpus, std::ostream* output) {
  const std::size_t width = found.values.size() / static_cast<std::size_t>(found.rows);
  for (Index row = 0; row < found.rows; ++row) {
    const auto values =
        std::span(found.values).subspan(static_cast<std::size_t>(row) * width, width);
    *output << Cell(name);
    if (task.per_step) *output << ',' << row;
    *output << (task.has_classes ? ClassCells(values, corpus.classes())
                                 : RealCells(values, task.targets))
            << '\n';
  }
}

// What --arrays names: a table, or a file with the arrays of the training split unless others are
// named.
ArrayFiles FilesOf(const Options& options, const ArrayTask& task) {
  ArrayFiles files{{options.Text("arrays")}, MembersOf(options, "")};
  const ArrayFileKind kind = KindOfArrayFile(files.files[0]);
  if (kind == ArrayFileKind::kNpz || kind == ArrayFileKind::kHdf5) {
    FillMembers(task.members, &files.members);
  }
  return files;
}

ArrayTask TaskOf(const std::string& run, const CorpusInfo& corpus) {
  if (corpus.kind != "arrays") {
    throw UsageError(
        "predict --arrays: run {} was trained on a corpus of kind \"{}\", not on one of `lockstep "
        "prepare arrays`",
        run, corpus.kind);
  }
  ArrayTask task = ArrayTaskFromJson(corpus.task, run);
  const Index targets = corpus.target().width;
  if (task.input_width() != corpus.leading().width ||
      static_cast<Index>(task.targets.size()) != targets ||
      task.has_classes == corpus.target().is_real()) {
    throw BadData(
        "{}: its task has {} inputs and {} targets, its fields {} and {}; restore corpus.json of "
        "the run",
        run, task.input_width(), task.targets.size(), corpus.leading().width, targets);
  }
  return task;
}

void CheckInputs(const ArraySource& source, const ArrayTask& task, const std::string& path) {
  const std::size_t found = source.columns().inputs.size();
  if (found == task.inputs.size()) return;
  throw BadData("{}: has {} inputs, but the model was trained on {}; give the same arrays as then",
                path, found, task.inputs.size());
}

}  // namespace

std::span<const OptionRow> PredictArraysRows() {
  static constexpr OptionRow kRows[] = {
      {"arrays", "table, .npz, .npy or HDF5 file with the inputs that the run was trained on"},
      {"inputs",
       "name of the inputs in the .npz or HDF5 file of --arrays; default: that of the training "
       "data"},
      {"lengths",
       "name in the file of --arrays, or path of an .npy file, of the steps of each sequence"},
      {"offsets",
       "name in the file of --arrays, or path of an .npy file, of the first row of each sequence"},
      {"static-inputs",
       "name in the file of --arrays, or path of an .npy file, of the inputs per sequence"},
  };
  return kRows;
}

ExitCode PredictArrays(const Options& options, const CorpusInfo& corpus_of_run) {
  if (options.Has("logits"))
    throw UsageError("predict: --logits does not go with --arrays; it goes with --corpus");
  const std::string path = options.Text("arrays"), run = options.Text("run");
  const int threads = static_cast<int>(options.Number("threads", 1, 1));
  const ArrayTask task = TaskOf(run, corpus_of_run);
  ArrayEncoder encoder(task);
  ClassNames no_classes;
  const auto source = OpenArraySource(FilesOf(options, task), task.ReadOptions(), &no_classes);
  CheckInputs(*source, task, path);
  TextOutput output(options.Maybe("out"));
  const auto trained = LoadForPrediction(options, corpus_of_run);
  output.stream() << Header(task) << '\n';
  for (auto some = NextSequences(source.get(), &encoder); !some.empty();
       some = NextSequences(source.get(), &encoder)) {
    const std::vector<SlotBatch> slots = PackSequences(some, task.input_width());
    SequenceScorer scorer(*trained->model, trained->values.data(),
                          BoundsOfSlots(slots, task.per_step), threads);
    for (const SequenceScores& found : scorer.Score(slots)) {
      WriteSequence(some[found.sample_id].name, found, task, corpus_of_run, &output.stream());
    }
  }
  output.Finish();
  return ExitCode::kDone;
}

}  // namespace lockstep
