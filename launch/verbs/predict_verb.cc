#include <algorithm>
#include <iostream>
#include <optional>

#include "base/phase_timer.h"
#include "data/dna/dna_corpus.h"
#include "data/stream/batch_stream.h"
#include "launch/config/agreement.h"
#include "launch/frame/options.h"
#include "launch/frame/stored_path.h"
#include "launch/output/logits_file.h"
#include "launch/run/run_folder.h"
#include "launch/tasks/dna/gene_writer.h"
#include "launch/tasks/dna/genome_windows.h"
#include "launch/tasks/speech/predict_speech.h"
#include "launch/tasks/text/predict_text.h"
#include "worker/decode/sequence_scorer.h"

namespace lockstep {
namespace {

constexpr const char* kUsage =
    "Applies a trained model: genes of a genome, text of recordings, or the logits of a split.\n"
    "  lockstep predict --run RUN --fasta F --out genes.gff3\n"
    "  lockstep predict --run RUN --audio a.wav b.flac --format ctm --out words.ctm\n"
    "  lockstep predict --run RUN --text lines.txt --out classes.tsv\n"
    "  lockstep predict --run RUN --corpus SPEECH --split test --format trn --out test.trn\n"
    "  lockstep predict --run RUN --corpus CORPUS --split test --logits logits.h5\n";

constexpr Index kDefaultMinLength = 60;  // bases; shorter runs are mostly noise

Options::Description Describe() {
  namespace po = boost::program_options;
  Options::Description description("Options");
  description.add_options()("help", "this text")("run", po::value<std::string>(), "run folder")(
      "fasta", po::value<std::string>(), "genome, FASTA, plain or gzip")(
      "out", po::value<std::string>(),
      "file to write: GFF3 of runs of coding bases, or transcripts")(
      "min-length", po::value<std::string>(), "bases of the shortest run written; default 60")(
      "corpus", po::value<std::string>(), "corpus folder, instead of --fasta")(
      "split", po::value<std::string>(), "split of the corpus; default test")(
      "logits", po::value<std::string>(), "HDF5 file to write: the logits of each window")(
      "checkpoint", po::value<std::string>(), "best (default), newest, or a step")(
      "threads", po::value<std::string>(), "threads; default 1");
  AddSpeechOptions(&description);
  AddTextOptions(&description);
  return description;
}

// All that is wrong with the options together.
void CheckOptions(const Options& options) {
  std::vector<std::string> problems;
  const auto refuse = [&](bool holds, const char* problem) {
    if (holds) problems.push_back(problem);
  };
  const bool fasta = options.Has("fasta"), corpus = options.Has("corpus");
  const bool audio = options.Has("audio"), text = options.Has("text");
  refuse(!options.Has("run"), "--run is missing: the folder that train made");
  refuse(fasta + corpus + audio + text != 1,
         "one of --fasta, --audio, --text and --corpus says what to label");
  refuse(text && (options.Has("split") || options.Has("logits")),
         "--split and --logits do not go with --text");
  refuse(audio && (options.Has("split") || options.Has("logits")),
         "--split and --logits do not go with --audio");
  refuse(fasta && !options.Has("out"), "--fasta needs --out, the GFF3 file to write");
  refuse(fasta && options.Has("split"), "--split goes with --corpus");
  refuse(corpus && options.Has("min-length"), "--min-length goes with --fasta");
  refuse(options.Has("logits") && options.Maybe("logits") == options.Maybe("out"),
         "--out and --logits name the same file");
  if (problems.empty()) return;
  throw UsageError("predict: {}; `lockstep predict --help` shows examples",
                   fmt::join(problems, "; "));
}

bool IsSpeech(const CorpusInfo& corpus) { return corpus.has_target_lists(); }

// What both kinds of prediction work with.
struct Prediction {
  CorpusInfo corpus;  // whose symbols and classes the model has
  Index threads = 1;
  std::optional<LogitsFile> logits;
  std::unique_ptr<TrainedModel> trained;
  PlanOptions plan;
};

// A corpus of transcripts has words to write, any other its logits.
void CheckSplitOptions(const Options& options, const CorpusInfo& corpus) {
  if (options.Has("fasta") || options.Has("audio") || IsSpeech(corpus)) return;
  if (!options.Has("logits")) {
    throw UsageError("predict: --corpus needs --logits, the HDF5 file to write");
  }
  for (const char* name : {"out", "format", "pictures"}) {
    if (options.Has(name)) {
      throw UsageError("predict: --{} does not go with --corpus: run {} knows no transcripts", name,
                       options.Text("run"));
    }
  }
}

void OpenLogits(const Options& options, Prediction* prediction) {
  if (!options.Has("logits")) return;
  prediction->logits.emplace(options.Text("logits"), prediction->corpus.classes());
}

void LoadModel(const Options& options, Prediction* prediction) {
  prediction->trained =
      LoadTrainedModel(Communicator::Single(), options.Text("run"), prediction->corpus,
                       options.Maybe("checkpoint").value_or("best"));
  const RunConfig& config = prediction->trained->config.run();
  prediction->plan = config.trainer.stream.plan;
  CheckSlots(1, prediction->threads, prediction->plan.slots);
  SelectInstructions(Communicator::Single(), config);
}

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
  return {sequences,
          prediction.corpus.window,
          rows,
          {rows, rows},
          {prediction.corpus.window, prediction.corpus.window}};
}

void WriteWindow(const GenomeWindow& window, const SequenceScores& found, GeneWriter* genes,
                 std::optional<LogitsFile>* logits) {
  const std::span<const float> values(found.values);
  const std::size_t classes = values.size() / window.codes.size();
  genes->Add(window.record, window.record_name, window.start + window.core_begin,
             values.subspan(static_cast<std::size_t>(window.core_begin) * classes,
                            static_cast<std::size_t>(window.core_size()) * classes));
  if (!*logits) return;
  (*logits)->Add(found.sample_id, values);
  (*logits)->AddWindow(found.sample_id, window.record, window.start, found.rows);
}

struct Counts {
  Index windows = 0;
  Index steps = 0;  // bases that were labelled, or steps of sequences
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
      counts.steps += batch[i].core_size();
    }
    counts.windows += static_cast<Index>(batch.size());
  }
}

ExitCode PredictGenome(const Options& options, Prediction* prediction) {
  CheckKnowsGenomes(options.Text("run"), prediction->corpus);
  GenomeWindows windows(options.Text("fasta"), prediction->corpus.window,
                        prediction->corpus.overlap);
  GeneWriter genes(options.Text("out"), options.Number("min-length", kDefaultMinLength, 1));
  OpenLogits(options, prediction);
  LoadModel(options, prediction);
  const double start = Seconds();
  const Counts counts = LabelGenome(&windows, prediction, &genes);
  genes.Finish();
  if (prediction->logits) prediction->logits->Finish();
  const double seconds = Seconds() - start;
  std::cout << fmt::format(
      "{}: {} rows; {} bases in {} windows labelled with {} in {:.2f} s, {:.0f} bases/s\n",
      options.Text("out"), genes.rows(), counts.steps, counts.windows, prediction->trained->path,
      seconds, static_cast<double>(counts.steps) / seconds);
  return ExitCode::kDone;
}

// The batches of `evaluate` on one rank.
Counts LabelSplit(const std::string& folder, const std::string& split, Prediction* prediction) {
  const TrainedModel& trained = *prediction->trained;
  StreamOptions options = EvaluationStream(trained.stream);
  options.part_steps = 0;  // all logits of a sequence go to the file together
  SequenceScorer scorer(*trained.model, trained.values.data(),
                        BoundsOf(prediction->corpus, prediction->corpus.Split(split), options),
                        static_cast<int>(prediction->threads));
  BatchStream stream(folder, prediction->corpus, split, options, {0, prediction->plan.slots},
                     Cursor{});
  Counts counts;
  while (const std::unique_ptr<RankBatch> batch = stream.Next()) {
    for (const SequenceScores& found : scorer.Score(batch->slots)) {
      prediction->logits->Add(found.sample_id, found.values);
    }
    counts.windows += batch->sequences;
    counts.steps += batch->steps;
  }
  return counts;
}

ExitCode PredictSplit(const Options& options, Prediction* prediction) {
  const std::string folder = options.Text("corpus");
  const std::string split = options.Maybe("split").value_or("test");
  CorpusInfo corpus = ReadCorpusInfo(folder);
  corpus.Split(split);
  CheckSameFields(options.Text("run"), prediction->corpus, folder, corpus);
  prediction->corpus = std::move(corpus);
  OpenLogits(options, prediction);
  LoadModel(options, prediction);
  const double start = Seconds();
  const Counts counts = LabelSplit(folder, split, prediction);
  prediction->logits->Finish();
  const double seconds = Seconds() - start;
  std::cout << fmt::format(
      "{}: logits of {} sequences, {} steps, of split {} with {} in {:.2f} s, {:.0f} steps/s\n",
      options.Text("logits"), counts.windows, counts.steps, split, prediction->trained->path,
      seconds, static_cast<double>(counts.steps) / seconds);
  return ExitCode::kDone;
}

}  // namespace

ExitCode PredictVerb(const Arguments& arguments) {
  const Options options("predict", Describe(), arguments);
  if (options.Has("help")) {
    std::cout << kUsage << Describe();
    return ExitCode::kDone;
  }
  CheckOptions(options);
  Prediction prediction;
  prediction.threads = options.Number("threads", 1, 1);
  RequireRunFolder(options.Text("run"));
  prediction.corpus = ReadRunCorpus(options.Text("run"));
  if (options.Has("text")) return PredictText(options, prediction.corpus);
  CheckSplitOptions(options, prediction.corpus);
  const bool has_words = options.Has("audio") || IsSpeech(prediction.corpus);
  if (has_words && !options.Has("fasta") && !options.Has("logits")) {
    return PredictSpeech(options, prediction.corpus);
  }
  return options.Has("fasta") ? PredictGenome(options, &prediction)
                              : PredictSplit(options, &prediction);
}

}  // namespace lockstep
