#include "launch/run/split_scores.h"

#include <iostream>
#include <optional>

#include "base/phase_timer.h"
#include "data/corpus/sample_shards.h"
#include "data/stream/batch_reader.h"
#include "launch/frame/shared_files.h"
#include "launch/output/cell_text.h"
#include "launch/output/logits_file.h"
#include "launch/run/chunk_bytes.h"
#include "launch/run/chunk_scorers.h"
#include "launch/run/corpus_fit.h"
#include "launch/run/ensemble.h"
#include "launch/run/split_work.h"
#include "worker/comm/together.h"

namespace lockstep {
namespace {

struct Counts {
  Index sequences = 0;
  Index rows = 0;
};

std::string ToBytes(const std::vector<SequenceScores>& scores) {
  std::string bytes;
  for (const SequenceScores& found : scores) {
    Put(found.sample_id, &bytes);
    Put(found.rows, &bytes);
    PutList(found.values, &bytes);
    PutList(found.labels, &bytes);
  }
  return bytes;
}

// Rank 0: adds the sequences of a chunk to the file, with their names if the corpus has names.
void Write(const std::string& result, SampleShards* names, LogitsFile* logits, Counts* counts) {
  for (BytesReader in(result); !in.AtEnd();) {
    const auto sample_id = in.Take<std::uint64_t>();
    counts->rows += in.Take<Index>();
    logits->Add(sample_id, in.TakeList<float>());
    const auto labels = in.TakeList<std::int32_t>();
    if (!labels.empty()) logits->AddLabels(labels);
    if (names != nullptr) logits->AddName(names->NameOf(sample_id));
    ++counts->sequences;
  }
}

}  // namespace

ExitCode WriteSplitScores(const Communicator& comm, const Options& options,
                          const CorpusInfo& corpus) {
  const std::string folder = options.Text("corpus");
  const std::string split = options.Maybe("split").value_or("test");
  const CorpusInfo scored = ReadSharedCorpus(comm, folder);
  std::optional<LogitsFile> logits;
  std::optional<SampleShards> names;
  int threads = 1;
  Together(comm, [&] {
    threads = static_cast<int>(options.Number("threads", 1, 1));
    const SplitInfo& info = scored.Split(split);
    if (WritesTargets(scored)) {
      throw UsageError(
          "predict: --logits writes a row of scores for each step or sequence of the source, but "
          "the targets of corpus {} (kind \"{}\") have steps of their own; `lockstep evaluate` "
          "gives their loss",
          folder, scored.kind);
    }
    CheckSameFields(options.Text("run"), corpus, folder, scored);
    if (comm.rank() != 0) return;
    logits.emplace(options.Text("logits"), scored);
    if (scored.has_names) names.emplace(folder, scored, info);
  });
  const auto trained = LoadEnsemble(comm, options, scored);
  const double start = Seconds();
  ChunkScorers scorers(*trained, threads);
  SplitWork work(comm, folder, scored, split, SmallBatches(trained->stream), threads);
  Counts counts;
  work.Run(
      "predict",
      [&](int member, const std::vector<SlotBatch>& slots) {
        return ToBytes(scorers.Score(member, slots, work.bounds()));
      },
      [&](Index, const std::string& result) {
        Write(result, names ? &*names : nullptr, &*logits, &counts);
      });
  Together(comm, [&] {
    if (logits) logits->Finish();
  });
  if (comm.rank() != 0) return ExitCode::kDone;
  const double seconds = Seconds() - start;
  std::cout << fmt::format(
      "{}: logits of {} sequences, {} rows, of split {} with {} in {:.2f} s, {:.0f} rows/s\n",
      PathText(options.Text("logits")), counts.sequences, counts.rows, split,
      PathText(trained->path), seconds, static_cast<double>(counts.rows) / seconds);
  return ExitCode::kDone;
}

}  // namespace lockstep
