#include "data/speech/speech_corpus.h"

#include <chrono>

#include "base/error.h"
#include "base/log.h"
#include "data/corpus/corpus_writer.h"
#include "data/corpus/frame_store.h"
#include "data/speech/backgrounds.h"
#include "data/speech/import_journal.h"
#include "data/speech/speech_import.h"

namespace lockstep {
namespace {

// Rank 0 makes the plan; all get it. An empty one: there is no good utterance.
SpeechPlan SharePlan(const SpeechOptions& options, const RankGroup& ranks, ProblemList& problems,
                     SpeechSummary& summary) {
  std::string text;
  if (ranks.rank == 0) {
    RefuseExistingCorpus(options.out);
    const SpeechPlan plan = MakeSpeechPlan(options, problems);
    if (plan.chunks.empty()) {
      problems.Settle("the manifests");
      throw BadData("cannot prepare {}: no utterance is good", options.out);
    }
    const ImportJournal journal(options.out);
    journal.Make();
    summary.kept_chunks = journal.Clean(plan);
    if (!options.noise_files.empty()) {
      summary.noise = WriteFrameStore(options.out, "noise.f32", NoiseFrames(options));
    }
    if (!options.room_files.empty()) {
      summary.rooms = WriteFrameStore(options.out, "rooms.f32", RoomFrames(options));
    }
    if (summary.kept_chunks > 0) {
      LogInfo("{}: going on with an interrupted import, {} of {} shards are done", options.out,
              summary.kept_chunks, plan.chunks.size());
    }
    text = plan.ToText();
  }
  ranks.broadcast(&text);
  return SpeechPlan::FromText(text);
}

double Seconds(std::chrono::steady_clock::duration time) {
  return std::chrono::duration<double>(time).count();
}

}  // namespace

SpeechSummary PrepareSpeech(const SpeechOptions& options, const RankGroup& ranks) {
  const auto start = std::chrono::steady_clock::now();
  CheckSpeechOptions(options);
  SpeechSummary summary;
  ProblemList problems(options.skip_bad);
  const SpeechPlan plan = SharePlan(options, ranks, problems, summary);
  SpeechImport import(options, ranks, plan);
  import.GatherStatistics();
  import.WriteChunks();
  for (const double seconds : ranks.gather(import.new_seconds())) summary.new_seconds += seconds;
  summary.chunks = static_cast<Index>(plan.chunks.size());
  summary.held_out_speakers = plan.held_out_speakers;
  summary.test_speakers = plan.test_speakers;
  if (ranks.rank == 0) import.Finish(problems, summary);
  summary.wall_seconds = Seconds(std::chrono::steady_clock::now() - start);
  return summary;
}

}  // namespace lockstep
