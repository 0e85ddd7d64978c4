#include "launch/api/inference.h"

#include <algorithm>
#include <filesystem>
#include <numeric>

#include "base/error.h"
#include "base/large_pages.h"
#include "launch/run/best_checkpoint.h"
#include "trainer/save/checkpoint_average.h"
#include "trainer/save/state_arrays.h"
#include "worker/kernels/isa.h"
#include "worker/models/model_factory.h"

namespace lockstep {
namespace {

LoadedCheckpoint Load(const std::string& path) {
  std::error_code wrong_path;  // which opening it as a file names
  return std::filesystem::is_directory(path, wrong_path) ? LoadBest(path + "/checkpoints")
                                                         : LoadFile(path);
}

// The kernels of a process run on one instruction set.
void SelectOnce(const std::string& configured, const std::string& trained_with) {
  static std::once_flag once;
  std::call_once(once, [&] {
    const Isa best = DetectIsa();
    const std::string& wanted = configured == "auto" ? trained_with : configured;
    const bool as_wanted = !wanted.empty() && !SameBits(IsaFromName(wanted), best);
    SelectIsa(as_wanted ? std::min(IsaFromName(wanted), best) : best);
  });
}

}  // namespace

InferenceModel::InferenceModel(const std::string& path) {
  LoadedCheckpoint loaded = Load(path);
  TrainingState state = StateFromJson(loaded.content.state, loaded.entry.path);
  Config config;
  SetConfig(state, loaded.entry.path, &config);
  const TrainerOptions& options = config.run().trainer;
  if (!state.schema) {
    throw BadData(
        "{}: the checkpoint was written by a version that did not store what its model reads and "
        "gives; train a step more with this version",
        loaded.entry.path);
  }
  model_ = MakeModel<float>(options.model, *state.schema);
  RequireUsable(options.model.encoder.words, loaded.entry.path);
  CheckParameters(loaded.content, loaded.entry.path, model_->layout());
  if (HoldsRunningAverage(options, state) && options.validation.average) {
    TakeRunningAverage(loaded.entry.path, model_->layout(), &loaded.content);
    state = StateFromJson(loaded.content.state, loaded.entry.path);
  }
  values_ = AlignedBuffer<float>(model_->layout().size());
  RestoreParameters(loaded.content, loaded.entry.path, model_->layout(), values_.span());
  CheckValues(state.parameters_hash, loaded.entry.path, model_->layout(), values_.span());
  SelectOnce(config.run().isa, state.isa);
  scorer_ = model_->OpenScorer(values_.data());
}

void InferenceModel::RequireUsable(const WordOptions& words, const std::string& path) const {
  if (model_->score_alignment() == Alignment::kOwnSteps) {
    throw UsageError(
        "{}: the model writes targets of their own length, which lockstep.h does not; use "
        "`lockstep predict`",
        path);
  }
  for (const Field& field : schema().fields) {
    if (field.role == FieldRole::kTarget || &field == &schema().fields[0]) continue;
    if (HasWordFields(schema()) && !ReadsBesideWords(words, field)) continue;
    throw UsageError(
        "{}: the model reads the field \"{}\" (aligned by {}) beside the first one, which "
        "lockstep.h does not pass on; use `lockstep predict`",
        path, field.name, AlignmentName(field.alignment));
  }
}

const std::string* InferenceModel::SymbolName(std::size_t symbol) const {
  if (symbols() == 0) return nullptr;
  const std::vector<std::string>& names = schema().VocabularyOf(schema().fields[0]).names;
  return symbol < names.size() ? &names[symbol] : nullptr;
}

const std::string* InferenceModel::ClassName(std::size_t output) const {
  const Field& target = schema().fields[*schema().Target()];
  if (target.is_real()) return nullptr;
  const std::vector<std::string>& names = schema().VocabularyOf(target).names;
  return output < names.size() ? &names[output] : nullptr;
}

void InferenceModel::CheckSymbols(Index count, const std::int32_t* symbols) const {
  const Index known = this->symbols();
  const auto* const wrong = std::find_if(symbols, symbols + count,
                                         [&](std::int32_t id) { return id < 0 || id >= known; });
  if (wrong == symbols + count) return;
  throw UsageError("symbol {} of the input is {}, the model knows 0 to {}", wrong - symbols, *wrong,
                   known - 1);
}

void InferenceModel::FillLeading(Index steps, const std::int32_t* symbols, const float* values,
                                 SlotBatch* slot) const {
  FieldBatch& field = slot->fields[0];
  const Index count = steps * width();
  if (this->symbols() > 0) {
    CheckSymbols(count, symbols);
    field.ids.assign(symbols, symbols + count);
  } else {
    if (field.values.size() < count) field.values = AlignedBuffer<float>(count);
    std::copy_n(values, count, field.values.data());
  }
}

// Row by row into the order of the slot: by time, longest sequence first.
void InferenceModel::Pack(const InputSequences& input, std::span<const std::size_t> order,
                          SlotBatch* filled) const {
  SlotBatch& slot = *filled;
  std::vector<Index> lengths, first(input.steps.size());
  std::exclusive_scan(input.steps.begin(), input.steps.end(), first.begin(), Index{0});
  for (const std::size_t i : order) lengths.push_back(input.steps[i]);
  slot.layout = PackedLayout(lengths);
  slot.sample_ids.resize(order.size());
  slot.fields.resize(schema().fields.size());
  FieldBatch& leading = slot.fields[0];
  const Index rows = slot.layout.rows(), W = width();
  const bool reads_ids = symbols() > 0;
  if (reads_ids) CheckSymbols(rows * W, input.symbols);
  if (reads_ids) leading.ids.resize(static_cast<std::size_t>(rows * W));
  if (!reads_ids && leading.values.size() < rows * W) {
    leading.values = AlignedBuffer<float>(rows * W);
  }
  for (Index t = 0; t < slot.layout.steps(); ++t) {
    for (Index b = 0; b < slot.layout.active(t); ++b) {
      const Index from = (first[order[static_cast<std::size_t>(b)]] + t) * W;
      const Index to = slot.layout.Row(t, b) * W;
      if (reads_ids) std::copy_n(input.symbols + from, W, leading.ids.data() + to);
      if (!reads_ids) std::copy_n(input.values + from, W, leading.values.data() + to);
    }
  }
}

InferenceModel::Room InferenceModel::TakeRoom() const {
  const std::lock_guard lock(mutex_);
  if (rooms_.empty()) return {};
  Room room = std::move(rooms_.back());
  rooms_.pop_back();
  return room;
}

void InferenceModel::ReturnRoom(Room room) const {
  room.workspace->Rewind(0);
  const std::lock_guard lock(mutex_);
  rooms_.push_back(std::move(room));
}

void InferenceModel::Run(const InputSequences& input, float* outputs, std::int32_t* labels) const {
  std::vector<std::size_t> order(input.steps.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t i) { return input.steps[i]; });
  Room room = TakeRoom();
  const SlotBatch& slot = room.slot;
  Pack(input, order, &room.slot);
  const PackedLayout& layout = slot.layout;
  SlotBounds bounds{layout.sequences(), layout.steps(), layout.rows(), {}, {}};
  bounds.field_rows.assign(slot.fields.size(), layout.rows());
  bounds.longest.assign(slot.fields.size(), layout.steps());
  const Index bytes = model_->ScoreBytes(bounds);
  if (room.workspace == nullptr || room.workspace->capacity_bytes() < bytes) {
    room.workspace.reset();
    room.workspace = MakeLargeWorkspace(bytes);
  }
  Workspace* const workspace = room.workspace.get();
  const Scores<float> scores = scorer_ != nullptr ? scorer_->Score(slot, workspace)
                                                  : model_->Score(slot, values_.data(), workspace);
  const auto copy = [&](Index from, Index to) {
    const float* const row = scores.values + from * scores.width;
    std::copy_n(row, scores.width, outputs + to * scores.width);
    if (labels == nullptr) return;
    labels[to] = scores.labels != nullptr
                     ? scores.labels[from]
                     : static_cast<std::int32_t>(std::max_element(row, row + scores.width) - row);
  };
  std::vector<Index> first(input.steps.size());
  std::exclusive_scan(input.steps.begin(), input.steps.end(), first.begin(), Index{0});
  for (Index b = 0; b < layout.sequences(); ++b) {
    const std::size_t sequence = order[static_cast<std::size_t>(b)];
    if (!scores_steps()) copy(b, static_cast<Index>(sequence));
    for (Index t = 0; scores_steps() && t < input.steps[sequence]; ++t) {
      copy(layout.Row(t, b), first[sequence] + t);
    }
  }
  ReturnRoom(std::move(room));
}

InferenceStream::InferenceStream(const InferenceModel& model, Index most_steps)
    : model_(model),
      most_steps_(most_steps),
      stream_(model.model().OpenStream(model.values(), most_steps)) {
  if (stream_ == nullptr) {
    throw UsageError(
        "the model must know a whole sequence before it scores any of its steps: it has layers of "
        "two directions, one row of scores per sequence, or a conditional random field; use "
        "lockstep_run");
  }
  part_.sample_ids = {0};
  part_.fields.resize(model.schema().fields.size());
}

std::span<const float> InferenceStream::Add(Index steps, const std::int32_t* symbols,
                                            const float* values, bool ends) {
  if (steps > most_steps_) {
    throw UsageError("{} steps were added at once; the stream was opened for at most {}", steps,
                     most_steps_);
  }
  model_.FillLeading(steps, symbols, values, &part_);
  part_.layout.Assign(steps > 0 ? std::span<const Index>(&steps, 1) : std::span<const Index>());
  return stream_->Add(part_, ends);
}

}  // namespace lockstep
