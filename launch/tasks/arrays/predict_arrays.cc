#include "launch/tasks/arrays/predict_arrays.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <ostream>

#include "base/log.h"
#include "base/work_progress.h"
#include "data/arrays/array_encoder.h"
#include "data/stream/step_stream.h"
#include "launch/output/cell_text.h"
#include "launch/output/text_output.h"
#include "launch/run/chunk_bytes.h"
#include "launch/run/chunk_scorers.h"
#include "launch/run/ordered_work.h"
#include "launch/run/scoring_slots.h"
#include "launch/tasks/arrays/array_arguments.h"
#include "worker/comm/together.h"

namespace lockstep {
namespace {

// Sequences of a chunk: two slots of similar lengths, or fewer long ones.
constexpr Index kSequencesOfChunk = 2 * kSequencesOfASlot, kStepsOfChunk = 1 << 14;

struct EncodedSequence {
  std::string name;
  Index steps = 0;
  std::vector<float> inputs;  // [steps, I], or [steps, data.stack x I] once it is stacked
};

// The next sequences in the order of the file; none at the end.
std::vector<EncodedSequence> NextSequences(ArraySource* source, ArrayEncoder* encoder) {
  std::vector<EncodedSequence> found;
  ArraySequence sequence;
  FilledCounts filled;
  for (Index steps = 0;
       steps < kStepsOfChunk && static_cast<Index>(found.size()) < kSequencesOfChunk &&
       source->Next(&sequence);
       steps += sequence.steps) {
    EncodedSequence& encoded = found.emplace_back();
    encoded.name = sequence.name;
    encoded.steps = sequence.steps;
    encoder->EncodeInputs(sequence, &encoded.inputs, &filled);
  }
  return found;
}

// Makes rows of the file into the steps that the model was trained on (data.stack, data.stride).
void StackRows(const FrameOptions& options, Index width, EncodedSequence* sequence) {
  StepStream stream(options, width);
  std::vector<float> steps;
  stream.Add(sequence->inputs, &steps);
  stream.Finish(&steps);
  sequence->steps = std::ssize(steps) / stream.output_width();
  sequence->inputs = std::move(steps);
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

std::string Header(const ArrayTask& task) {
  std::string header = task.per_step ? "sequence,step" : "sequence";
  if (task.has_classes) return header + ",class,probability";
  for (const ColumnScale& target : task.targets) header += "," + CsvCell(target.name);
  return header;
}

std::string ClassCells(const BestClass& best, const std::vector<std::string>& classes) {
  return fmt::format(",{},{:.4f}", CsvCell(classes[best.id]), best.probability);
}

std::string RealCells(std::span<const float> values, const std::vector<ColumnScale>& targets) {
  std::string cells;
  for (std::size_t k = 0; k < targets.size(); ++k) {
    cells += fmt::format(",{:.7g}", targets[k].Unscaled(static_cast<double>(values[k])));
  }
  return cells;
}

// The rows of a sequence as they stand in the file.
std::string RowsOf(const std::string& name, const SequenceScores& found, const ArrayTask& task,
                   const CorpusInfo& corpus) {
  const std::size_t width = found.values.size() / static_cast<std::size_t>(found.rows);
  std::string text;
  for (Index row = 0; row < found.rows; ++row) {
    const auto values =
        std::span(found.values).subspan(static_cast<std::size_t>(row) * width, width);
    text += CsvCell(name);
    if (task.per_step) text += fmt::format(",{}", row);
    text += (task.has_classes ? ClassCells(ClassOfRow(found, row), corpus.classes())
                              : RealCells(values, task.targets)) +
            "\n";
  }
  return text;
}

// The input of a chunk, and back.
std::string ToBytes(const std::vector<EncodedSequence>& sequences) {
  std::string bytes;
  for (const EncodedSequence& sequence : sequences) {
    PutList(sequence.name, &bytes);
    Put(sequence.steps, &bytes);
    PutList(sequence.inputs, &bytes);
  }
  return bytes;
}

std::vector<EncodedSequence> FromBytes(const std::string& bytes) {
  std::vector<EncodedSequence> sequences;
  for (BytesReader in(bytes); !in.AtEnd();) {
    EncodedSequence& sequence = sequences.emplace_back();
    sequence.name = in.TakeText();
    sequence.steps = in.Take<Index>();
    sequence.inputs = in.TakeList<float>();
  }
  return sequences;
}

// Rows that fill an array up look like any others.
void WarnOfMissingEnds(const ArrayFiles& files, const ArrayTask& task) {
  const ArrayMembers& members = files.members;
  if (!task.has_ends || !members.lengths.empty() || !members.offsets.empty()) return;
  LogWarning(
      "{}: the model was trained on sequences with lengths or offsets, and none are given: all "
      "rows "
      "are taken for data; give --lengths or --offsets if some of them fill up",
      files.files[0]);
}

// What --arrays names: a table, or a file with the arrays of the training split unless others are
// named.
ArrayFiles FilesOf(const Options& options, const ArrayTask& task) {
  ArrayFiles files{{options.Text("arrays")}, MembersOf(options, "")};
  const ArrayFileKind kind = KindOfArrayFile(files.files[0]);
  if (kind == ArrayFileKind::kNpz || kind == ArrayFileKind::kHdf5) {
    FillMembers(task.members, &files.members);
  }
  WarnOfMissingEnds(files, task);
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

// The files of rank 0.
struct ArrayFile {
  ArrayFile(const Options& options, const ArrayTask& task)
      : encoder(task), source(OpenArraySource(FilesOf(options, task), task.ReadOptions(), &none)) {
    CheckInputs(*source, task, options.Text("arrays"));
    output.emplace(options.Maybe("out"));
  }
  std::ostream& stream() { return output->stream(); }
  // The input of the next chunk; nothing at the end. `read` counts sequences.
  std::optional<std::string> Next(Index* read) {
    const auto some = NextSequences(source.get(), &encoder);
    *read += std::ssize(some);
    if (some.empty()) return std::nullopt;
    return ToBytes(some);
  }
  ArrayEncoder encoder;
  ClassNames none;
  std::unique_ptr<ArraySource> source;
  std::optional<TextOutput> output;
};

}  // namespace

std::span<const OptionRow> PredictArraysRows() {
  static constexpr OptionRow kRows[] = {
      {"arrays FILE", "table, .npz, .npy or HDF5 file with the inputs that the run was trained on"},
      Rare({"inputs NAME",
            "name of the inputs in the .npz or HDF5 file of --arrays; default: that of the "
            "training data"}),
      Rare(
          {"lengths NAME",
           "name in the file of --arrays, or path of an .npy file, of the steps of each sequence"}),
      Rare({"offsets NAME",
            "name in the file of --arrays, or path of an .npy file, of the first row of each "
            "sequence"}),
      Rare({"static-inputs NAME",
            "name in the file of --arrays, or path of an .npy file, of the inputs per sequence"}),
  };
  return kRows;
}

ExitCode PredictArrays(const Communicator& comm, const Options& options,
                       const CorpusInfo& corpus_of_run) {
  ArrayTask task;
  std::optional<ArrayFile> file;
  int threads = 1;
  Together(comm, [&] {
    if (options.Has("logits"))
      throw UsageError("predict: --logits does not go with --arrays; it goes with --corpus");
    threads = static_cast<int>(options.Number("threads", 1, 1));
    task = TaskOf(options.Text("run"), corpus_of_run);
    if (comm.rank() == 0) file.emplace(options, task);
  });
  const auto trained = LoadForPrediction(comm, options, corpus_of_run);
  const FrameOptions frames = trained->stream.frames.WithoutAugmentation();
  if (file) file->stream() << Header(task) << '\n';
  ChunkScorers scorers(*trained, threads);
  WorkProgress progress("predict");
  Index done = 0;
  OrderedJob job;
  job.next = [&] { return file->Next(&done); };
  job.work = [&](int member, Index, const std::string& input) {
    std::vector<EncodedSequence> sequences = FromBytes(input);
    for (EncodedSequence& sequence : sequences) StackRows(frames, task.input_width(), &sequence);
    const std::vector<SlotBatch> slots =
        PackSequences(sequences, frames.stack * task.input_width());
    std::string text;
    for (const SequenceScores& found :
         scorers.Score(member, slots, BoundsOfSlots(slots, task.per_step))) {
      text += RowsOf(sequences[found.sample_id].name, found, task, corpus_of_run);
    }
    return text;
  };
  job.use = [&](Index, const std::string& text) {
    file->stream() << text;
    progress.Tell(-1, [&] { return fmt::format("{} sequences read", done); });
  };
  WorkInOrder(comm, threads, job);
  Together(comm, [&] {
    if (file) file->output->Finish();
  });
  return ExitCode::kDone;
}

}  // namespace lockstep
