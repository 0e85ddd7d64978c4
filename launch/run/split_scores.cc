#include "launch/run/split_scores.h"

#include <iostream>

#include "base/phase_timer.h"
#include "data/corpus/shard_claims.h"
#include "data/stream/batch_stream.h"
#include "launch/config/agreement.h"
#include "launch/output/logits_file.h"
#include "launch/run/corpus_fit.h"
#include "worker/decode/sequence_scorer.h"

namespace lockstep {
namespace {

struct Counts {
  Index sequences = 0;
  Index steps = 0;
};

// Reads the batches that `evaluate` reads on one rank.
Counts ScoreSplit(const std::string& folder, const CorpusInfo& corpus, const std::string& split,
                  const TrainedModel& trained, int threads, LogitsFile* logits) {
  StreamOptions options = EvaluationStream(trained.stream);
  options.part_steps = 0;  // all scores of a sequence go to the file together
  const Index slots = options.plan.slots;
  SequenceScorer scorer(*trained.model, trained.values.data(),
                        BoundsOf(corpus, corpus.Split(split), options), threads);
  BatchStream stream(folder, corpus, split, options, {0, slots}, Cursor{});
  Counts counts;
  while (const std::unique_ptr<RankBatch> batch = stream.Next()) {
    for (const SequenceScores& found : scorer.Score(batch->slots))
      logits->Add(found.sample_id, found.values);
    counts.sequences += batch->sequences;
    counts.steps += batch->steps;
  }
  return counts;
}

}  // namespace

ExitCode WriteSplitScores(const Options& options, const CorpusInfo& corpus) {
  const std::string folder = options.Text("corpus");
  const std::string split = options.Maybe("split").value_or("test");
  const int threads = static_cast<int>(options.Number("threads", 1, 1));
  const CorpusInfo scored = ReadCorpusInfo(folder);
  CheckShardFiles(folder, scored);
  scored.Split(split);
  CheckSameFields(options.Text("run"), corpus, folder, scored);
  LogitsFile logits(options.Text("logits"), scored);
  const auto trained = LoadForPrediction(options, scored);
  CheckSlots(1, threads, trained->stream.plan.slots);
  const double start = Seconds();
  const Counts counts = ScoreSplit(folder, scored, split, *trained, threads, &logits);
  logits.Finish();
  const double seconds = Seconds() - start;
  std::cout << fmt::format(
      "{}: logits of {} sequences, {} steps, of split {} with {} in {:.2f} s, {:.0f} steps/s\n",
      options.Text("logits"), counts.sequences, counts.steps, split, trained->path, seconds,
      static_cast<double>(counts.steps) / seconds);
  return ExitCode::kDone;
}

}  // namespace lockstep
