#include "launch/run/class_predictor.h"

#include <deque>

#include "base/error.h"
#include "base/work_progress.h"
#include "launch/run/chunk_bytes.h"
#include "launch/run/chunk_scorers.h"
#include "launch/run/ordered_work.h"
#include "launch/run/scoring_slots.h"

namespace lockstep {
namespace {

using Sequences = std::vector<std::vector<std::int32_t>>;

// The sequences of a chunk: enough of similar length for a slot, and few enough that a file of some
// hundred lines has work for many threads.
constexpr Index kSequencesOfChunk = 2 * kSequencesOfASlot, kStepsOfChunk = 1 << 16;

// The best class of each sequence of a chunk, in their order.
std::string Score(int member, const std::string& input, ChunkScorers* scorers) {
  Sequences sequences;
  for (BytesReader in(input); !in.AtEnd();) sequences.push_back(in.TakeList<std::int32_t>());
  const std::vector<SlotBatch> slots = PackSlots(sequences);
  std::string result;
  for (const SequenceScores& scores : scorers->Score(member, slots, BoundsOfSlots(slots, false)))
    Put(FindBestClass(scores.values), &result);
  return result;
}

// Rank 0: cuts the input into chunks, and knows the texts of those that are under way.
class ClassChunks {
 public:
  explicit ClassChunks(const ClassPrediction& prediction) : prediction_(prediction) {}

  std::optional<std::string> Next() {
    std::string bytes;
    Index count = 0;
    ClassInput input;
    Index steps = 0;
    const auto has_room = [&] { return count < kSequencesOfChunk && steps < kStepsOfChunk; };
    for (; has_room() && (count == 0 || !MayWait()) && prediction_.next(&input);
         steps += static_cast<Index>(input.ids.size())) {
      PutList(input.ids, &bytes);
      texts_.push_back(std::move(input.text));
      ++count;
    }
    if (count == 0) return std::nullopt;
    return bytes;
  }

  void Use(const std::vector<std::string>& classes, const std::string& result) {
    for (BytesReader in(result); !in.AtEnd(); ++done_) {
      const auto best = in.Take<BestClass>();
      prediction_.write(texts_.front(), {classes[best.id], best.probability});
      texts_.pop_front();
    }
    if (prediction_.flush) prediction_.flush();
  }

  bool MayWait() const { return prediction_.may_wait && prediction_.may_wait(); }

  Index done() const { return done_; }

 private:
  const ClassPrediction& prediction_;
  std::deque<std::string> texts_;
  Index done_ = 0;
};

}  // namespace

void PredictClasses(const Communicator& comm, const TrainedModel& trained, const CorpusInfo& corpus,
                    int threads, const ClassPrediction& prediction) {
  ChunkScorers scorers(trained, threads);
  ClassChunks chunks(prediction);
  WorkProgress progress("predict");
  OrderedJob job;
  job.next = [&] { return chunks.Next(); };
  job.may_wait = [&] { return chunks.MayWait(); };
  job.work = [&](int member, Index, const std::string& input) {
    return Score(member, input, &scorers);
  };
  job.use = [&](Index, const std::string& result) {
    chunks.Use(corpus.classes(), result);
    progress.Tell(prediction.share_read(),
                  [&] { return fmt::format("{} sequences", chunks.done()); });
  };
  WorkInOrder(comm, threads, job);
}

void RequireClassPerSequence(const std::string& option, const std::string& run,
                             const CorpusInfo& corpus, const std::string& things) {
  if (corpus.has_class_per_sequence()) return;
  throw UsageError(
      "predict --{}: run {} was trained on a corpus of kind \"{}\", not on {} with a label each",
      option, run, corpus.kind, things);
}

}  // namespace lockstep
