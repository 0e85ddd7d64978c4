#include "launch/tasks/speech/prepare_speech.h"

#include <iostream>
#include <optional>

#include "base/folder_lock.h"
#include "data/speech/speech_corpus.h"
#include "launch/frame/help.h"
#include "launch/frame/program.h"
#include "launch/output/cell_text.h"
#include "launch/start/launch_check.h"
#include "launch/tasks/speech/import_options.h"
#include "worker/comm/together.h"

namespace lockstep {
namespace {

constexpr const char* kUsage =
    "Makes a corpus of shards from recordings and transcripts. docs/speech.md describes "
    "manifests,\n"
    "features and units.\n"
    "  lockstep prepare speech --manifest train.jsonl --valid-manifest dev.jsonl --out CORPUS\n"
    "  lockstep prepare speech --manifest LibriSpeech/train-clean-100 --hold-out-speakers 8 \\\n"
    "      --units sentencepiece:500 --out CORPUS\n"
    "  lockstep prepare speech --synthetic 2000 --out CORPUS\n"
    "  mpirun -n 8 lockstep prepare speech ...      the same corpus, to the byte\n";

RankGroup Ranks(const Communicator& comm) {
  RankGroup ranks{comm.rank(), comm.size()};
  ranks.gather = [comm](double mine) {
    std::vector<double> all(static_cast<std::size_t>(comm.size()));
    comm.AllGather({&mine, 1}, DivideIntoSegments(comm.size(), 1, comm.size()), all.data());
    return all;
  };
  ranks.broadcast = [comm](std::string* text) { comm.Broadcast(text); };
  ranks.barrier = [comm] { comm.Barrier(); };
  return ranks;
}

// With nothing to cut at, a sample stays whole, whatever augment.crop says.
void PrintWords(const SpeechOptions& options, const SpeechSummary::Split& train) {
  std::cout << fmt::format("  {} of {} training utterances can be cut between words ({})\n",
                           train.with_words, train.utterances,
                           options.cut_at_pauses ? "--cut-at-pauses" : "--ctm");
}

void Print(const SpeechOptions& options, const SpeechSummary& summary) {
  const CorpusInfo& info = summary.info;
  std::cout << fmt::format("{}: {} features a frame, {} classes, {} shards", PathText(options.out),
                           info.leading().width, info.classes().size(), summary.chunks);
  if (summary.skipped > 0)
    std::cout << fmt::format(", {} bad utterances left out", summary.skipped);
  std::cout << "\n";
  for (const auto& [name, split] : info.splits) {
    const auto& counts = summary.splits.at(name);
    std::cout << fmt::format(
        "  {:<6} {:>8.2f} h {:>9} utterances {:>9} samples {:>11} frames (longest {}) {:>10} "
        "labels (longest {})\n",
        name, counts.seconds / 3600, counts.utterances, split.sequences, split.steps, split.longest,
        split.fields[1].rows, split.fields[1].longest);
  }
  if (options.knows_words()) PrintWords(options, summary.splits.at(options.splits[0].name));
  if (!summary.held_out_speakers.empty()) {
    std::cout << fmt::format("  valid has the speakers {}\n",
                             fmt::join(CellTexts(summary.held_out_speakers), " "));
  }
  if (!summary.test_speakers.empty()) {
    std::cout << fmt::format("  test has the speakers {}\n",
                             fmt::join(CellTexts(summary.test_speakers), " "));
  }
  std::cout << fmt::format("  {:.1f} s, {:.0f} x real time", summary.wall_seconds,
                           summary.new_seconds / summary.wall_seconds);
  if (summary.kept_chunks > 0) {
    std::cout << fmt::format(", {} shards were there from an interrupted import",
                             summary.kept_chunks);
  }
  std::cout << "\n";
}

}  // namespace

ExitCode PrepareSpeechVerb(const Arguments& arguments) {
  const OptionTable rows = SpeechImportRows();
  const Options options("prepare speech", rows, arguments);
  if (PrintsHelp(options, kUsage, rows)) return ExitCode::kDone;
  const SpeechOptions speech = ReadSpeechOptions(options);
  return WithMpi([&](const Communicator& comm) {
    RequireKnownRanks(comm);
    std::optional<FolderLock> lock;
    Together(comm, [&] {
      if (comm.rank() == 0) lock.emplace(speech.out, "--out");
    });
    const SpeechSummary summary = PrepareSpeech(speech, Ranks(comm));
    if (comm.rank() == 0) Print(speech, summary);
    return ExitCode::kDone;
  });
}

}  // namespace lockstep
