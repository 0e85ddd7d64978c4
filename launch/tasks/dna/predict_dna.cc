#include "launch/tasks/dna/predict_dna.h"

#include <deque>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/log.h"
#include "base/phase_timer.h"
#include "base/work_progress.h"
#include "data/dna/dna_corpus.h"
#include "launch/output/logits_file.h"
#include "launch/run/chunk_bytes.h"
#include "launch/run/chunk_scorers.h"
#include "launch/run/ordered_work.h"
#include "launch/run/scoring_slots.h"
#include "launch/tasks/dna/classify_dna.h"
#include "launch/tasks/dna/gene_writer.h"
#include "launch/tasks/dna/genome_windows.h"
#include "worker/comm/together.h"

namespace lockstep {
namespace {

constexpr Index kDefaultMinLength = 60;  // bases; shorter runs are mostly noise

// Windows that one thread labels together: enough for the products of a step, and few enough that
// the genome of a bacterium has work for many threads.
constexpr Index kWindowsOfChunk = 16;

// The files of rank 0.
struct LabelFiles {
  LabelFiles(const Options& options, const CorpusInfo& corpus)
      : windows(options.Text("fasta"), corpus.window, corpus.overlap),
        genes(options.Text("out"), options.Number("min-length", kDefaultMinLength, 1)) {
    if (const auto path = options.Maybe("logits")) logits.emplace(*path, corpus);
  }
  GenomeWindows windows;
  GeneWriter genes;
  std::optional<LogitsFile> logits;
};

void CheckKnowsGenomes(const std::string& run, const CorpusInfo& corpus) {
  const CorpusInfo dna = DnaCorpusHeader({});
  if (corpus.symbols() == dna.symbols() && corpus.classes() == dna.classes()) return;
  throw UsageError(
      "--fasta: run {} was trained on a corpus of kind \"{}\" with {} symbols and {} classes, not "
      "on DNA; use --corpus",
      run, corpus.kind, corpus.symbols().size(), corpus.classes().size());
}

struct Counts {
  Index windows = 0;
  Index bases = 0;  // that were labelled
};

// The input of a chunk: the bases of its windows.
std::string ToBytes(const std::vector<GenomeWindow>& windows) {
  std::string bytes;
  for (const GenomeWindow& window : windows) PutList(window.codes, &bytes);
  return bytes;
}

// The result of a chunk: the scores of all bases of its windows, context included, window after
// window.
std::string ScoreWindows(int member, const std::string& input, ChunkScorers* scorers) {
  std::vector<GenomeWindow> windows;
  for (BytesReader in(input); !in.AtEnd();)
    windows.emplace_back().codes = in.TakeList<std::uint8_t>();
  const std::vector<SlotBatch> slots = PackWindows(windows, 0, 1);
  std::string result;
  for (const SequenceScores& found : scorers->Score(member, slots, BoundsOfSlots(slots, true)))
    PutList(found.values, &result);
  return result;
}

// Rank 0: cuts the genome into chunks, and writes what came of them.
class GenomeChunks {
 public:
  explicit GenomeChunks(LabelFiles* files) : files_(*files) {}

  std::optional<std::string> Next() {
    std::vector<GenomeWindow> windows = files_.windows.Next(kWindowsOfChunk);
    if (windows.empty()) return std::nullopt;
    std::string bytes = ToBytes(windows);
    for (GenomeWindow& window : windows) under_way_.push_back(std::move(window));
    return bytes;
  }

  void Use(const std::string& result) {
    for (BytesReader in(result); !in.AtEnd();) {
      Write(under_way_.front(), in.TakeList<float>());
      under_way_.pop_front();
    }
  }

  const Counts& counts() const { return counts_; }

 private:
  void Write(const GenomeWindow& window, std::span<const float> values) {
    const std::size_t classes = DnaCorpusHeader({}).classes().size();
    files_.genes.Add(window.record, window.record_name,
                     std::span(window.codes)
                         .subspan(static_cast<std::size_t>(window.core_begin),
                                  static_cast<std::size_t>(window.core_size())),
                     values.subspan(static_cast<std::size_t>(window.core_begin) * classes,
                                    static_cast<std::size_t>(window.core_size()) * classes));
    if (files_.logits) {
      files_.logits->Add(static_cast<std::uint64_t>(counts_.windows), values);
      files_.logits->AddWindow(window.record, window.record_name, window.start,
                               static_cast<Index>(values.size() / classes));
    }
    ++counts_.windows;
    counts_.bases += window.core_size();
  }

  LabelFiles& files_;
  std::deque<GenomeWindow> under_way_;
  Counts counts_;
};

// Collective. What was labelled, on rank 0; `files` are there on that rank only.
Counts LabelGenome(const Communicator& comm, const TrainedModel& trained, int threads,
                   LabelFiles* files) {
  ChunkScorers scorers(trained, threads);
  std::optional<GenomeChunks> chunks;
  if (files != nullptr) chunks.emplace(files);
  WorkProgress progress("predict");
  OrderedJob job;
  job.next = [&] { return chunks->Next(); };
  job.work = [&](int member, Index, const std::string& input) {
    return ScoreWindows(member, input, &scorers);
  };
  job.use = [&](Index, const std::string& result) {
    chunks->Use(result);
    progress.Tell(files->windows.share_read(),
                  [&] { return fmt::format("{} bases", chunks->counts().bases); });
  };
  WorkInOrder(comm, threads, job);
  return chunks ? chunks->counts() : Counts();
}

void Finish(LabelFiles* files) {
  files->genes.Finish();
  if (files->logits) files->logits->Finish();
}

// Whether bases of the training corpus were ambiguous, so that the model knows N; true if the
// corpus does not say.
bool KnowsAmbiguousBases(const CorpusInfo& corpus) {
  const nlohmann::json provenance = nlohmann::json::parse(corpus.provenance, nullptr, false);
  if (!provenance.is_object()) return true;
  const auto bases = provenance.find("n_bases");
  if (bases != provenance.end() && bases->is_number_integer()) return bases->get<Index>() > 0;
  return provenance.value("importer", "") == "dna";
}

void TellAmbiguousBases(const CorpusInfo& corpus, const GeneWriter& genes) {
  if (genes.gap_bases() > 0) {
    std::cout << fmt::format(
        "  {} bases in runs of {} or more ambiguous ones (N) were masked: no row lies in them\n",
        genes.gap_bases(), GeneWriter::kShortestGap);
  }
  if (genes.ambiguous_bases() == 0 || KnowsAmbiguousBases(corpus)) return;
  LogWarning(
      "{} ambiguous bases (N) in shorter runs were labelled, but the training corpus had none, so "
      "labels there are guesses",
      genes.ambiguous_bases());
}

}  // namespace

std::span<const OptionRow> PredictDnaRows() {
  static constexpr OptionRow kRows[] = {
      {"fasta FILE",
       "FASTA file, plain or gzip: a genome whose genes --out gets as GFF3, or sequences that get "
       "one class each, as the run was trained"},
      {"min-length BASES", "shortest run of coding bases that is written, in bases; default 60"},
  };
  return kRows;
}

ExitCode PredictDna(const Communicator& comm, const Options& options, const CorpusInfo& corpus) {
  if (corpus.target().alignment == Alignment::kSequence)
    return PredictClassOfDna(comm, options, corpus);
  std::optional<LabelFiles> files;
  int threads = 1;
  Together(comm, [&] {
    threads = static_cast<int>(options.Number("threads", 1, 1));
    CheckKnowsGenomes(options.Text("run"), corpus);
    if (comm.rank() == 0) files.emplace(options, corpus);
  });
  const auto trained = LoadForPrediction(comm, options, corpus);
  const double start = Seconds();
  const Counts counts = LabelGenome(comm, *trained, threads, files ? &*files : nullptr);
  Together(comm, [&] {
    if (files) Finish(&*files);
  });
  if (comm.rank() != 0) return ExitCode::kDone;
  const double seconds = Seconds() - start;
  std::cout << fmt::format(
      "{}: {} rows; {} bases in {} windows labelled with {} in {:.2f} s, {:.0f} bases/s\n",
      options.Text("out"), files->genes.rows(), counts.bases, counts.windows, trained->path,
      seconds, static_cast<double>(counts.bases) / seconds);
  TellAmbiguousBases(corpus, files->genes);
  return ExitCode::kDone;
}

}  // namespace lockstep
