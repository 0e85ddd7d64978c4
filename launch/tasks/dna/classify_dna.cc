#include "launch/tasks/dna/classify_dna.h"

#include <iostream>
#include <ostream>

#include "data/dna/fasta.h"
#include "data/dna/labelled_sequences.h"
#include "data/text/text_encoder.h"
#include "launch/output/text_output.h"
#include "launch/run/class_predictor.h"
#include "launch/tasks/labelled/labelled_options.h"
#include "launch/tasks/splits/split_options.h"

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
    {"task",
     "what the corpus is for: label (a label for each base) or classify (one for each sequence); "
     "default label"},
};

OptionTable Describe() {
  return {kTask, LabelledFileRows(), LabelledFormatRows(), SplitDrawRows(), LabelledRuleRows()};
}

// Some records of a FASTA file.
struct Records {
  std::vector<std::string> names;
  std::vector<std::vector<std::int32_t>> ids;
};

// Reads records one after another, as ids of the model.
class RecordReader {
 public:
  RecordReader(const std::string& path, const TextEncoder& encoder)
      : reader_(path), encoder_(encoder) {
    at_end_ = !reader_.Next(&piece_);
  }

  // Empty at the end.
  Records NextSome() {
    Records some;
    while (!at_end_ && static_cast<Index>(some.names.size()) < ClassPredictor::kSequencesAtATime) {
      some.names.push_back(reader_.record_name());
      some.ids.push_back(encoder_.Encode(NextBases()));
    }
    return some;
  }

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

}  // namespace

ExitCode PrepareClassifyDna(const Arguments& arguments) {
  const Options options("prepare dna --task classify", Describe(), arguments);
  if (options.Has("help")) {
    std::cout << kUsage << Describe();
    return ExitCode::kDone;
  }
  TextCorpusOptions sequences = LabelledOptionsOf(options);
  ForSequences(&sequences);
  TakeOverLike(options, {}, &sequences);
  PrepareAndPrint(sequences);
  return ExitCode::kDone;
}

ExitCode PredictClassOfDna(const Options& options, const CorpusInfo& corpus) {
  const std::string run = options.Text("run");
  for (const char* name : {"logits", "min-length"}) {
    if (!options.Has(name)) continue;
    throw UsageError("predict: --{} does not go with run {}, which gives one class per sequence",
                     name, run);
  }
  const int threads = static_cast<int>(options.Number("threads", 1, 1));
  RequireClassPerSequence("fasta", run, corpus, "nucleotide sequences");
  const TextEncoder encoder =
      TextEncoder::FromTask(corpus.task, corpus.schema.VocabularyOf(corpus.leading()), run);
  RecordReader records(options.Text("fasta"), encoder);
  TextOutput output(options.Maybe("out"));
  const auto trained = LoadForPrediction(options, corpus);
  const ClassPredictor predictor(*trained, corpus, threads);
  for (Records some = records.NextSome(); !some.names.empty(); some = records.NextSome()) {
    const std::vector<PredictedClass> classes = predictor.Predict(some.ids);
    for (std::size_t i = 0; i < classes.size(); ++i) {
      output.stream() << fmt::format("{}\t{}\t{:.4f}\n", some.names[i], classes[i].name,
                                     classes[i].probability);
    }
  }
  output.Finish();
  return ExitCode::kDone;
}

}  // namespace lockstep
