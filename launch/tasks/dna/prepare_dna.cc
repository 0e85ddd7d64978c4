#include "launch/tasks/dna/prepare_dna.h"

#include <iostream>

#include "data/dna/dna.h"
#include "data/dna/synthetic_dna.h"
#include "launch/tasks/dna/classify_dna.h"

namespace lockstep {
namespace {

constexpr const char* kUsage =
    "Makes a corpus of labelled bases from a genome and its annotation, or from a genome that is "
    "made up.\n"
    "  lockstep prepare dna --fasta F --gff G --out CORPUS --train 1-3700000 --valid "
    "3700001-4170000 "
    "--test 4170001-\n"
    "  lockstep prepare dna --synthetic 2000000 --seed 1 --out CORPUS\n"
    "Or a corpus of sequences with one label each:\n"
    "  lockstep prepare dna --task classify --help\n";

constexpr OptionRow kRows[] = {
    {"task",
     "what the corpus is for: label (a label for each base) or classify (one for each sequence, "
     "with options of its own: --task classify --help); default label"},
    {"fasta", "sequences, a FASTA file, plain or gzip"},
    {"gff", "annotation, a GFF3 file, plain or gzip; its rows of type CDS are the coding bases"},
    {"synthetic", "makes up a genome of this many bases instead of reading one"},
    {"seed", "seed of the made-up genome; default 1"},
    {"out", "corpus folder to make"},
    {"train",
     "positions A-B for training, counted from 1, both included, in the sequences joined in file "
     "order; B may be left out; several with commas between; default: the first 80 %"},
    {"valid", "positions for the validation split, A-B as for training; default: the next 10 %"},
    {"test", "positions for the test split, A-B as for training; default: the last 10 %"},
    {"window", "bases of a training sequence, its overlap included; default 512"},
    {"overlap",
     "bases of context on each side of a window whose labels count in its neighbour only; default "
     "0"},
    {"shard-bytes", "size of a shard in bytes; default 33554432 (32 MiB)"},
};

OptionTable Describe() { return {kRows}; }

DnaCutOptions CutOptions(const Options& options) {
  DnaCutOptions cut;
  cut.ranges = {options.Maybe("train").value_or(""), options.Maybe("valid").value_or(""),
                options.Maybe("test").value_or("")};
  cut.window = options.Number("window", cut.window, 1);
  cut.overlap = options.Number("overlap", cut.overlap, 0);
  cut.shard_bytes = options.Number("shard-bytes", cut.shard_bytes, 1);
  return cut;
}

void PrintSplits(const CorpusInfo& info) {
  for (const auto& [name, split] : info.splits) {
    std::cout << fmt::format("  {:<6} {:>9} windows {:>12} steps {:>4} shards ", name,
                             split.sequences, split.steps, split.shards.size());
    for (std::size_t c = 0; c < info.classes().size(); ++c) {
      std::cout << fmt::format(" {} {}", info.classes()[c], split.label_counts[c]);
    }
    std::cout << "\n";
  }
}

void PrepareFiles(const Options& options) {
  DnaOptions dna;
  dna.fasta = options.Text("fasta");
  dna.gff = options.Text("gff");
  dna.out = options.Text("out");
  dna.cut = CutOptions(options);
  const DnaSummary summary = PrepareDna(dna);
  std::cout << fmt::format("{}: {} bases in {} sequences, {} CDS rows\n", dna.out, summary.bases,
                           summary.records, summary.cds_rows);
  std::cout << fmt::format(
      "  {} ambiguous bases (N), {} bases coding on both strands (the earlier row has them), {} "
      "bases in "
      "no range\n",
      summary.n_bases, summary.conflict_bases, summary.unused_bases);
  PrintSplits(summary.info);
}

void PrepareSynthetic(const Options& options) {
  SyntheticDnaOptions synthetic;
  synthetic.bases = options.Number("synthetic", 0, 1);
  synthetic.seed = static_cast<std::uint64_t>(options.Number("seed", 1, 0));
  synthetic.out = options.Text("out");
  synthetic.cut = CutOptions(options);
  const SyntheticDnaSummary summary = PrepareSyntheticDna(synthetic);
  std::cout << fmt::format("{}: {} synthetic bases, seed {}\n", synthetic.out, synthetic.bases,
                           synthetic.seed);
  PrintSplits(summary.info);
  const BayesReport& bayes = summary.bayes;
  if (bayes.bases == 0) return;
  std::cout << fmt::format(
      "  on the last {} test bases: best possible accuracy (Bayes) {:.3f} %, seeing one window "
      "only "
      "{:.3f} %; always the most frequent class {:.3f} %\n",
      bayes.bases, 100 * bayes.bayes_accuracy, 100 * bayes.bayes_accuracy_window,
      100 * bayes.majority_accuracy);
}

// The options that go with --task classify have nothing in common with the others, so that word
// decides which table the arguments are read by.
bool IsClassify(const Arguments& arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--task=classify") return true;
    if (arguments[i] == "--task" && i + 1 < arguments.size() && arguments[i + 1] == "classify")
      return true;
  }
  return false;
}

}  // namespace

ExitCode PrepareDnaVerb(const Arguments& arguments) {
  if (IsClassify(arguments)) return PrepareClassifyDna(arguments);
  const Options options("prepare dna", Describe(), arguments);
  if (options.Has("help")) {
    std::cout << kUsage << Describe();
    return ExitCode::kDone;
  }
  if (const std::string task = options.Maybe("task").value_or("label"); task != "label")
    throw UsageError("prepare dna: --task is \"{}\"; allowed are label and classify", task);
  if (options.Has("synthetic") && (options.Has("fasta") || options.Has("gff"))) {
    throw UsageError("prepare dna: --synthetic makes its own genome; leave out --fasta and --gff");
  }
  options.Has("synthetic") ? PrepareSynthetic(options) : PrepareFiles(options);
  return ExitCode::kDone;
}

}  // namespace lockstep
