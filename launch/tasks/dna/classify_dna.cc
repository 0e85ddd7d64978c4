#include "launch/tasks/dna/classify_dna.h"

#include <iostream>
#include <optional>
#include <ostream>

#include "data/dna/fasta.h"
#include "data/dna/labelled_sequences.h"
#include "data/text/text_encoder.h"
#include "launch/frame/help.h"
#include "launch/output/cell_text.h"
#include "launch/output/text_output.h"
#include "launch/run/class_predictor.h"
#include "launch/run/ensemble.h"
#include "launch/tasks/labelled/labelled_options.h"
#include "launch/tasks/splits/split_options.h"
#include "worker/comm/together.h"

namespace lockstep {
namespace {

constexpr const char* kUsage =
    "Makes a corpus from nucleotide sequences with one label each (docs/dna.md): TSV, CSV, JSON\n"
    "lines, lines that begin with the label, or FASTA with \"label=CLASS\" in the headers.\n"
    "  lockstep prepare dna --task classify --train train.fa --test test.fa --out CORPUS\n"
    "  lockstep prepare dna --task classify --train all.csv --fold 1/10 --valid-fraction 0.1 --out "
    "CORPUS\n"
    "  lockstep prepare dna --task classify --class-file promoter=P.fa --class-file other=O.fa \\\n"
    "      --valid-fraction 0.1 --test-fraction 0.1 --out CORPUS\n";

constexpr OptionRow kTask[] = {
    {"task NAME",
     "what the corpus is for: label (a label for each base) or classify (one for each sequence); "
     "default label"},
};

OptionTable Describe() {
  return {{"Files", kTask},
          {"Files", LabelledFileRows()},
          {"Format of the files", LabelledFormatRows()},
          {"Splits", SplitDrawRows()},
          {"Other", LabelledRuleRows()}};
}

// Reads records one after another, as ids of the model.
class RecordReader {
 public:
  RecordReader(const std::string& path, const TextEncoder& encoder)
      : reader_(path), encoder_(encoder) {
    at_end_ = !reader_.Next(&piece_);
  }

  // False at the end.
  bool Next(ClassInput* input) {
    if (at_end_) return false;
    input->text = reader_.record_name();
    input->ids = encoder_.Encode(NextBases());
    return true;
  }
  double share_read() const { return reader_.share_read(); }

 private:
  std::string NextBases() {
    std::string bases;
    do {
      for (const std::uint8_t code : piece_.codes) bases += kDnaLetters[code];
      at_end_ = !reader_.Next(&piece_);
    } while (!at_end_ && !piece_.begins_record);
    return bases;
  }

  FastaReader reader_;
  const TextEncoder& encoder_;
  FastaPiece piece_;  // begins the next record
  bool at_end_ = false;
};

void RefuseOptionsOfLabels(const Options& options, const std::string& run) {
  for (const char* name : {"logits", "features", "proteins", "nucleotides", "track", "genetic-code",
                           "circular", "min-length", "window", "overlap", "strands"}) {
    if (!options.Has(name)) continue;
    throw UsageError("predict: --{} does not go with run {}, which gives one class per sequence",
                     name, run);
  }
}

}  // namespace

ExitCode PrepareClassifyDna(const Arguments& arguments) {
  const Options options("prepare dna --task classify", Describe(), arguments);
  if (PrintsHelp(options, kUsage, Describe())) return ExitCode::kDone;
  TextCorpusOptions sequences = LabelledOptionsOf(options);
  ForSequences(&sequences);
  TakeOverLike(options, {}, &sequences);
  PrepareAndPrint(sequences);
  return ExitCode::kDone;
}

ExitCode PredictClassOfDna(const Communicator& comm, const Options& options,
                           const CorpusInfo& corpus) {
  const std::string run = options.Text("run");
  std::optional<TextEncoder> encoder;
  std::optional<RecordReader> records;
  std::optional<TextOutput> output;
  int threads = 1;
  Together(comm, [&] {
    RefuseOptionsOfLabels(options, run);
    threads = static_cast<int>(options.Number("threads", 1, 1));
    RequireClassPerSequence("fasta", run, corpus, "nucleotide sequences");
    encoder = TextEncoder::FromTask(corpus.task, corpus.schema.VocabularyOf(corpus.leading()), run);
    if (comm.rank() != 0) return;
    records.emplace(options.Text("fasta"), *encoder);
    output.emplace(options.Maybe("out"));
  });
  const auto trained = LoadEnsemble(comm, options, corpus);
  ClassPrediction prediction;
  prediction.next = [&](ClassInput* input) { return records->Next(input); };
  prediction.write = [&](const std::string& name, const PredictedClass& found) {
    output->stream() << fmt::format("{}\t{}\t{:.4f}\n", CellText(name), CellText(found.name),
                                    found.probability);
  };
  prediction.share_read = [&] { return records->share_read(); };
  PredictClasses(comm, *trained, corpus, threads, prediction);
  Together(comm, [&] {
    if (output) output->Finish();
  });
  return ExitCode::kDone;
}

}  // namespace lockstep
