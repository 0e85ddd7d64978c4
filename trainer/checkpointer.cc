#include "trainer/checkpointer.h"

#include <algorithm>

#include "base/error.h"
#include "base/log.h"
#include "worker/comm/together.h"

namespace lockstep {
namespace {

// A renamed file would be met again at the step that its name says.
void CheckStepOfName(const CheckpointEntry& entry, const TrainingState& state) {
  if (entry.step == state.step) return;
  throw BadData("{}: holds step {}, its name says {}; give it back its name, or move it away",
                entry.path, state.step, entry.step);
}

std::string MomentName(const std::string& moment, const std::string& parameter) {
  return "optimizer/" + moment + "/" + parameter;
}

void RestoreArray(const CheckpointContent& content, const std::string& file,
                  const std::string& name, const ParameterInfo& info, std::span<float> values) {
  const auto found = content.arrays.find(name);
  if (found == content.arrays.end()) {
    throw BadData("{}: array \"{}\" of the model is missing; it was written for another model",
                  file, name);
  }
  const StoredArray& array = found->second;
  if (array.type != ElementType::kFloat32 || array.shape != info.shape) {
    throw BadData("{}: array \"{}\" is {} [{}], the model has float32 [{}]", file, name,
                  ElementName(array.type), fmt::join(array.shape, ", "),
                  fmt::join(info.shape, ", "));
  }
  const std::span<const float> stored = array.as<float>();
  std::copy(stored.begin(), stored.end(), values.begin() + info.offset);
}

void AddViews(const ParameterLayout& layout, const std::string& moment, const float* values,
              std::vector<ArrayView>* views) {
  for (const ParameterInfo& info : layout.infos()) {
    const std::string name = moment.empty() ? info.name : MomentName(moment, info.name);
    views->push_back({name, ElementType::kFloat32, info.shape, values + info.offset});
  }
}

}  // namespace

void RestoreParameters(const CheckpointContent& content, const std::string& file,
                       const ParameterLayout& layout, std::span<float> values) {
  for (const ParameterInfo& info : layout.infos()) {
    RestoreArray(content, file, info.name, info, values);
  }
  for (const auto& [name, array] : content.arrays) {
    const auto is_it = [&, &wanted = name](const ParameterInfo& info) {
      return info.name == wanted;
    };
    if (name.find('/') == std::string::npos &&
        std::none_of(layout.infos().begin(), layout.infos().end(), is_it)) {
      throw BadData("{}: array \"{}\" is not of this model", file, name);
    }
  }
}

// Everything of a checkpoint, detached from training, which goes on.
struct Checkpointer::Snapshot {
  TrainingState state;
  AlignedBuffer<float> values;
  std::vector<Optimizer::Moment> moments;
};

Checkpointer::Checkpointer(const Communicator& comm, const ParameterLayout& layout,
                           const std::string& folder, const CheckpointOptions& options)
    : comm_(comm), layout_(layout), folder_(folder), options_(options) {}

bool Checkpointer::Load(const std::function<void(const TrainingState&)>& check,
                        const PiecePlan& plan, TrainingState* state, std::span<float> values,
                        Optimizer* optimizer) {
  std::string text;
  std::vector<AlignedBuffer<float>> moments;
  for (std::size_t i = 0; i < optimizer->moments().size(); ++i) {
    moments.emplace_back(comm_.rank() == 0 ? layout_.size() : 0);
  }
  Together(comm_, [&] {
    if (comm_.rank() != 0) return;
    RemoveTemporaries(folder_);
    std::vector<CheckpointEntry> damaged;
    const auto report = [&](const CheckpointEntry& entry, const std::string& why) {
      LogWarning("checkpoint {} is damaged and skipped: {}", entry.path, why);
      damaged.push_back(entry);
    };
    const std::optional<LoadedCheckpoint> loaded = LoadNewestValid(folder_, report);
    if (!loaded) return;
    const TrainingState stored = StateFromJson(loaded->content.state, loaded->entry.path);
    CheckStepOfName(loaded->entry, stored);
    check(stored);
    RestoreParameters(loaded->content, loaded->entry.path, layout_, values);
    for (std::size_t i = 0; i < moments.size(); ++i) {
      for (const ParameterInfo& info : layout_.infos()) {
        const std::string name = MomentName(optimizer->moments()[i].name, info.name);
        RestoreArray(loaded->content, loaded->entry.path, name, info, moments[i].span());
      }
    }
    text = loaded->content.state;
    for (const CheckpointEntry& entry : damaged) SetAside(entry);
  });
  comm_.Broadcast(&text);
  if (text.empty()) return false;
  *state = StateFromJson(text, folder_);
  comm_.BroadcastFloats(values);
  for (std::size_t i = 0; i < moments.size(); ++i) HandOut(plan, moments[i].data(), i, optimizer);
  return true;
}

// From rank 0's `all` [layout.size()] to those that update.
void Checkpointer::HandOut(const PiecePlan& plan, const float* all, std::size_t moment,
                           Optimizer* optimizer) const {
  for (std::size_t i = 0; i < plan.pieces().size(); ++i) {
    const Piece& piece = plan.pieces()[i];
    const std::span<float> mine = optimizer->MomentOf(moment, i);
    if (!piece.replicated) {
      comm_.ScatterFromRoot(all, piece.segments, mine);
      continue;
    }
    if (comm_.rank() == 0) std::copy_n(all + piece.range.begin, mine.size(), mine.begin());
    comm_.BroadcastFloats(mine);
  }
}

// The way back.
void Checkpointer::Collect(const PiecePlan& plan, const Optimizer& optimizer, std::size_t moment,
                           float* all) const {
  for (std::size_t i = 0; i < plan.pieces().size(); ++i) {
    const Piece& piece = plan.pieces()[i];
    const std::span<const float> mine = optimizer.MomentOf(moment, i);
    if (!piece.replicated) {
      comm_.GatherToRoot(mine, piece.segments, all);
    } else if (comm_.rank() == 0) {
      std::copy(mine.begin(), mine.end(), all + piece.range.begin);
    }
  }
}

void Checkpointer::Save(const TrainingState& state, const PiecePlan& plan,
                        std::span<const float> values, const Optimizer& optimizer) {
  const bool root = comm_.rank() == 0;
  if (root) writer_.Wait();  // before the next snapshot takes its memory
  const auto snapshot = std::make_shared<Snapshot>();
  for (std::size_t i = 0; i < optimizer.moments().size(); ++i) {
    snapshot->moments.push_back(
        {optimizer.moments()[i].name, AlignedBuffer<float>(root ? layout_.size() : 0)});
    Collect(plan, optimizer, i, snapshot->moments.back().values.data());
  }
  if (!root) return;
  snapshot->state = state;
  snapshot->values = AlignedBuffer<float>(layout_.size());
  std::copy(values.begin(), values.end(), snapshot->values.data());
  writer_.Submit([this, snapshot] { Write(*snapshot); });
}

void Checkpointer::Write(const Snapshot& snapshot) {
  TrainingState state = snapshot.state;
  state.parameters_hash = HashParameters(layout_, snapshot.values.span());
  std::vector<ArrayView> views;
  AddViews(layout_, "", snapshot.values.data(), &views);
  for (const Optimizer::Moment& moment : snapshot.moments) {
    AddViews(layout_, moment.name, moment.values.data(), &views);
  }
  const std::string path = CheckpointPath(folder_, state.step);
  WriteCheckpoint(path, BuildCheckpoint(StateToJson(state), views));
  PruneCheckpoints(folder_, options_.keep,
                   state.has_best ? std::vector<Index>{state.best_step} : std::vector<Index>{});
}

Index Checkpointer::Bytes(const ParameterLayout& layout, const OptimizerOptions& optimizer) {
  const Index arrays = 1 + static_cast<Index>(Optimizer::MomentNames(optimizer).size());
  constexpr Index kCopies = 3;
  return kCopies * arrays * layout.size() * static_cast<Index>(sizeof(float));
}

}  // namespace lockstep
