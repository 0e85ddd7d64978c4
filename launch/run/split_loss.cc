#include "launch/run/split_loss.h"

#include <memory>
#include <vector>

#include "base/phase_timer.h"
#include "launch/run/chunk_bytes.h"
#include "launch/run/split_work.h"
#include "launch/run/stream_loss.h"
#include "worker/carried_state.h"
#include "worker/comm/reduction_tree.h"
#include "worker/comm/together.h"
#include "worker/heartbeat.h"

namespace lockstep {
namespace {

// What a thread computes with. The states are those that a slot carries from part to part.
struct Bench {
  Bench(const Model<float>& model, const SlotBounds& bounds, bool carries, Index classes)
      : tally(classes),
        workspace(model.WorkspaceBytes(bounds)),
        carried(model.carried(), 1, carries ? bounds.sequences : 0) {}
  ClassTally tally;  // of a slot
  Workspace workspace;
  CarriedState carried;
};

// The sums of a slot, one entry per part, and its tally.
std::string SumsOf(const std::vector<SlotBatch>& parts, const TrainedModel& trained, Bench* bench) {
  std::vector<StepSums> sums;
  bench->tally.Clear();
  Heartbeat heartbeat(bench->tally.classes() > 0 ? &bench->tally : nullptr);
  for (const SlotBatch& part : parts) {
    bench->carried.BeginPart(sums.empty());
    sums.push_back(trained.model->Evaluate(part, trained.values.data(), &bench->workspace,
                                           &heartbeat, bench->carried.Begin(0)));
  }
  std::string bytes;
  PutList(sums, &bytes);
  PutList(bench->tally.counts(), &bytes);
  return bytes;
}

// The classes that are counted label by label: those of sets of labels.
Index LabelsToCount(const SplitTest& test) {
  const Alignment alignment = test.corpus->target().alignment;
  const bool is_set = alignment == Alignment::kListInStep || alignment == Alignment::kList;
  return is_set ? TallyClasses(test.trained->model->metrics()) : 0;
}

void AddTally(std::span<const Index> counts, ClassTally* total) {
  for (std::size_t i = 0; i < counts.size(); ++i) total->counts()[i] += counts[i];
}

// Adds the slots of a batch as training does (worker/sum_exchange.h), part by part.
void AddBatch(const std::vector<std::vector<StepSums>>& slots, StepSums* total) {
  for (std::size_t part = 0; part < slots[0].size(); ++part) {
    std::vector<double> losses, squared_errors;
    for (const std::vector<StepSums>& slot : slots) {
      const StepSums& sums = slot[part];
      losses.push_back(sums.loss);
      squared_errors.push_back(sums.squared_errors);
      total->targets += sums.targets;
      for (std::size_t i = 0; i < sums.counts.size(); ++i) total->counts[i] += sums.counts[i];
    }
    total->loss += TreeSum(losses);
    total->squared_errors += TreeSum(squared_errors);
  }
}

}  // namespace

Evaluation EvaluateSplit(const Communicator& comm, const SplitTest& test) {
  if (test.corpus->is_stream()) return EvaluateStream(comm, test);
  const double start = Seconds();
  const TrainedModel& trained = *test.trained;
  StreamOptions options = EvaluationStream(trained.stream);
  // Windows with context were made so that no step is judged next to a border.
  if (test.corpus->overlap > 0) options.plan.cut_steps = 0;
  SplitWork work(comm, test.folder, *test.corpus, test.split, options, test.threads);
  std::vector<std::unique_ptr<Bench>> benches;
  benches.reserve(static_cast<std::size_t>(test.threads));
  for (int member = 0; member < test.threads; ++member) {
    benches.push_back(std::make_unique<Bench>(*trained.model, work.bounds(), options.part_steps > 0,
                                              LabelsToCount(test)));
  }
  Evaluation result;
  result.tally = ClassTally(LabelsToCount(test));
  std::vector<std::vector<StepSums>> batch;
  work.Run(
      "evaluate",
      [&](int member, const std::vector<SlotBatch>& parts) {
        return SumsOf(parts, trained, benches[static_cast<std::size_t>(member)].get());
      },
      [&](Index, const std::string& bytes) {
        BytesReader in(bytes);
        batch.push_back(in.TakeList<StepSums>());
        AddTally(in.TakeList<Index>(), &result.tally);
        if (static_cast<Index>(batch.size()) < options.plan.slots) return;
        AddBatch(batch, &result.sums);
        batch.clear();
      });
  Together(comm, [&] {
    if (comm.rank() != 0 || result.sums.targets != 0) return;
    throw BadData("{}: split \"{}\" has no target to evaluate on", test.folder, test.split);
  });
  result.sequences = test.corpus->Split(test.split).sequences;
  result.loss = result.sums.loss / static_cast<double>(result.sums.targets);
  result.seconds = Seconds() - start;
  return result;
}

}  // namespace lockstep
