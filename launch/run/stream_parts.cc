#include "launch/run/stream_parts.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "launch/run/chunk_bytes.h"
#include "launch/run/ordered_work.h"
#include "worker/carried_state.h"
#include "worker/heartbeat.h"

namespace lockstep {
namespace {

SlotBounds BoundsOfOneSequence(const Model<float>& model) {
  const Index steps = StepsAtOnce(model);
  const std::vector<Index> by_field(model.schema().fields.size(), steps);
  return {
      .sequences = 1, .steps = steps, .rows = steps, .field_rows = by_field, .longest = by_field};
}

// Streams of symbols are read by models that can be divided; no other fits their schema.
const DividedEvaluation<float>& Divided(const TrainedModel& trained) {
  const DividedEvaluation<float>* const divided = trained.model->divided();
  LOCKSTEP_CHECK(divided != nullptr);
  return *divided;
}

// Rank 0: the layers, and where they stand in the stream.
class Layers {
 public:
  explicit Layers(const TrainedModel& trained)
      : trained_(trained),
        target_(*trained.model->schema().Target()),
        workspace_(trained.model->WorkspaceBytes(BoundsOfOneSequence(*trained.model))),
        carried_(trained.model->carried(), 1, 1) {}

  // The targets of the next part, and its features.
  std::string Run(const SlotBatch& part) {
    const Index mark = workspace_.used_bytes();
    carried_.BeginPart(begins_);
    begins_ = false;
    const DividedEvaluation<float>& model = Divided(trained_);
    const float* const features =
        model.FeaturesOf(part, trained_.values.data(), &workspace_, &heartbeat_, carried_.Begin(0));
    std::string bytes;
    PutList(part.fields[target_].ids, &bytes);
    PutList(
        std::span(features, static_cast<std::size_t>(part.layout.rows() * model.feature_width())),
        &bytes);
    workspace_.Rewind(mark);
    return bytes;
  }

 private:
  const TrainedModel& trained_;
  std::size_t target_;
  Workspace workspace_;
  CarriedState carried_;
  Heartbeat heartbeat_;
  bool begins_ = true;
};

// The sums of a part whose bytes Layers::Run has made.
StepSums SumsOf(const std::string& bytes, const TrainedModel& trained, Workspace* workspace) {
  const Model<float>& model = *trained.model;
  SlotBatch part;
  part.fields.resize(model.schema().fields.size());
  BytesReader in(bytes);
  std::vector<std::int32_t>& targets = part.fields[*model.schema().Target()].ids;
  targets = in.TakeList<std::int32_t>();
  part.layout = PackedLayout({static_cast<Index>(targets.size())});
  const auto values = in.TakeList<float>();
  const Index mark = workspace->used_bytes();
  float* const features = workspace->Take<float>(static_cast<Index>(values.size()));
  std::ranges::copy(values, features);
  Heartbeat heartbeat;
  const StepSums sums = Divided(trained).EvaluateFeatures(part, trained.values.data(), features,
                                                          workspace, &heartbeat);
  workspace->Rewind(mark);
  return sums;
}

}  // namespace

void EvaluateParts(const Communicator& comm, const TrainedModel& trained, int threads,
                   const StreamJob& job) {
  std::optional<Layers> layers;
  if (comm.rank() == 0) layers.emplace(trained);
  std::vector<std::unique_ptr<Workspace>> workspaces;
  const Index bytes = trained.model->WorkspaceBytes(BoundsOfOneSequence(*trained.model));
  for (int member = 0; member < threads; ++member)
    workspaces.push_back(std::make_unique<Workspace>(bytes));
  OrderedJob ordered;
  ordered.next = [&]() -> std::optional<std::string> {
    const SlotBatch* const part = job.next();
    if (part == nullptr) return std::nullopt;
    return layers->Run(*part);
  };
  ordered.work = [&](int member, Index, const std::string& input) {
    std::string result;
    Put(SumsOf(input, trained, workspaces[static_cast<std::size_t>(member)].get()), &result);
    return result;
  };
  ordered.use = [&](Index, const std::string& result) {
    job.use(BytesReader(result).Take<StepSums>());
  };
  WorkInOrder(comm, threads, ordered);
}

Index StepsAtOnce(const Model<float>& model) {
  constexpr Index kMostScores = Index{1} << 22, kLeast = 16, kMost = 1024;
  return std::clamp(kMostScores / std::max<Index>(1, model.score_width()), kLeast, kMost);
}

}  // namespace lockstep
