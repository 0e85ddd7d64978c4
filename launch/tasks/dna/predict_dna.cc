#include "launch/tasks/dna/predict_dna.h"

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/log.h"
#include "base/phase_timer.h"
#include "data/dna/dna_corpus.h"
#include "launch/config/agreement.h"
#include "launch/output/logits_file.h"
#include "launch/tasks/dna/classify_dna.h"
#include "launch/tasks/dna/gene_writer.h"
#include "launch/tasks/dna/genome_windows.h"
#include "worker/decode/sequence_scorer.h"

namespace lockstep {
namespace {

constexpr Index kDefaultMinLength = 60;  // bases; shorter runs are mostly noise

// All that the labelling of a genome works with.
struct Prediction {
  CorpusInfo corpus;  // of the run: its windows are those of the genome
  Index threads = 1;
  std::optional<LogitsFile> logits;
  std::unique_ptr<TrainedModel> trained;
  PlanOptions plan;
};

void CheckKnowsGenomes(const std::string& run, const CorpusInfo& corpus) {
  const CorpusInfo dna = DnaCorpusHeader({});
  if (corpus.symbols() == dna.symbols() && corpus.classes() == dna.classes()) return;
  throw UsageError(
      "--fasta: run {} was trained on a corpus of kind \"{}\" with {} symbols and {} classes, not "
      "on DNA; use --corpus",
      run, corpus.kind, corpus.symbols().size(), corpus.classes().size());
}

// Batches of a genome are no larger than they were in training.
Index WindowsOfBatch(const Prediction& prediction) {
  return std::min(prediction.plan.batch_sequences, prediction.corpus.Split("train").sequences);
}

SlotBounds GenomeBounds(const Prediction& prediction) {
  const Index slots = prediction.plan.slots;
  const Index sequences = (WindowsOfBatch(prediction) + slots - 1) / slots;
  const Index rows = sequences * prediction.corpus.window;
  const Index window = prediction.corpus.window;
  return {sequences, window, rows, {rows, rows}, {window, window}};
}

void WriteWindow(const GenomeWindow& window, const SequenceScores& found, GeneWriter* genes,
                 std::optional<LogitsFile>* logits) {
  const std::span<const float> values(found.values);
  const std::size_t classes = values.size() / window.codes.size();
  genes->Add(window.record, window.record_name,
             std::span(window.codes)
                 .subspan(static_cast<std::size_t>(window.core_begin),
                          static_cast<std::size_t>(window.core_size())),
             values.subspan(static_cast<std::size_t>(window.core_begin) * classes,
                            static_cast<std::size_t>(window.core_size()) * classes));
  if (!*logits) return;
  (*logits)->Add(found.sample_id, values);
  (*logits)->AddWindow(found.sample_id, window.record, window.start, found.rows);
}

struct Counts {
  Index windows = 0;
  Index bases = 0;  // that were labelled
};

Counts LabelGenome(GenomeWindows* windows, Prediction* prediction, GeneWriter* genes) {
  const TrainedModel& trained = *prediction->trained;
  SequenceScorer scorer(*trained.model, trained.values.data(), GenomeBounds(*prediction),
                        static_cast<int>(prediction->threads));
  Counts counts;
  while (true) {
    const std::vector<GenomeWindow> batch = windows->Next(WindowsOfBatch(*prediction));
    if (batch.empty()) return counts;
    const std::vector<SequenceScores> found =
        scorer.Score(PackWindows(batch, counts.windows, prediction->plan.slots));
    for (std::size_t i = 0; i < batch.size(); ++i) {
      WriteWindow(batch[i], found[i], genes, &prediction->logits);
      counts.bases += batch[i].core_size();
    }
    counts.windows += static_cast<Index>(batch.size());
  }
}

void LoadModel(const Options& options, Prediction* prediction) {
  prediction->trained = LoadForPrediction(options, prediction->corpus);
  prediction->plan = prediction->trained->config.run().trainer.stream.plan;
  CheckSlots(1, prediction->threads, prediction->plan.slots);
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

void TellAmbiguousBases(const Prediction& prediction, const GeneWriter& genes) {
  if (genes.gap_bases() > 0) {
    std::cout << fmt::format(
        "  {} bases in runs of {} or more ambiguous ones (N) were masked: no row lies in them\n",
        genes.gap_bases(), GeneWriter::kShortestGap);
  }
  if (genes.ambiguous_bases() == 0 || KnowsAmbiguousBases(prediction.corpus)) return;
  LogWarning(
      "{} ambiguous bases (N) in shorter runs were labelled, but the training corpus had none, so "
      "labels there are guesses",
      genes.ambiguous_bases());
}

}  // namespace

std::span<const OptionRow> PredictDnaRows() {
  static constexpr OptionRow kRows[] = {
      {"fasta",
       "FASTA file, plain or gzip: a genome whose genes --out gets as GFF3, or sequences that get "
       "one class each, as the run was trained"},
      {"min-length", "shortest run of coding bases that is written, in bases; default 60"},
  };
  return kRows;
}

ExitCode PredictDna(const Options& options, const CorpusInfo& corpus) {
  if (corpus.target().alignment == Alignment::kSequence) return PredictClassOfDna(options, corpus);
  Prediction prediction;
  prediction.corpus = corpus;
  prediction.threads = options.Number("threads", 1, 1);
  CheckKnowsGenomes(options.Text("run"), corpus);
  const std::string out = options.Text("out");
  GenomeWindows windows(options.Text("fasta"), corpus.window, corpus.overlap);
  GeneWriter genes(out, options.Number("min-length", kDefaultMinLength, 1));
  if (const auto path = options.Maybe("logits")) prediction.logits.emplace(*path, corpus);
  LoadModel(options, &prediction);
  const double start = Seconds();
  const Counts counts = LabelGenome(&windows, &prediction, &genes);
  genes.Finish();
  if (prediction.logits) prediction.logits->Finish();
  const double seconds = Seconds() - start;
  std::cout << fmt::format(
      "{}: {} rows; {} bases in {} windows labelled with {} in {:.2f} s, {:.0f} bases/s\n", out,
      genes.rows(), counts.bases, counts.windows, prediction.trained->path, seconds,
      static_cast<double>(counts.bases) / seconds);
  TellAmbiguousBases(prediction, genes);
  return ExitCode::kDone;
}

}  // namespace lockstep
