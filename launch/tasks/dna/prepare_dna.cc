#include "launch/tasks/dna/prepare_dna.h"

#include <algorithm>
#include <iostream>

#include "base/characters.h"
#include "base/log.h"
#include "base/path_list.h"
#include "data/dna/dna.h"
#include "data/dna/synthetic_dna.h"
#include "launch/frame/help.h"
#include "launch/output/cell_text.h"
#include "launch/tasks/dna/classify_dna.h"

namespace lockstep {
namespace {

constexpr const char* kUsage =
    "Makes a corpus of labelled bases from a genome and its annotation, or from a genome that is "
    "made up.\n"
    "  lockstep prepare dna --fasta F --gff G --out CORPUS --train 1-3700000 --valid "
    "3700001-4170000 "
    "--test 4170001-\n"
    "  lockstep prepare dna --fasta A.fa --fasta B.fa --gff A.gff --gff B.gff --out CORPUS \\\n"
    "      --valid-records chr7 --test-records 'chr8,plasmid*'\n"
    "  lockstep prepare dna --synthetic 2000000 --seed 1 --out CORPUS\n"
    "Or a corpus of sequences with one label each:\n"
    "  lockstep prepare dna --task classify --help\n";

constexpr OptionRow kRows[] = {
    {"task NAME",
     "what the corpus is for: label (a label for each base) or classify (one for each sequence, "
     "with options of its own: --task classify --help); default label"},
    {"fasta FILE",
     "sequences, a FASTA file, plain or gzip; may be repeated, and be a pattern (\"genomes/*.fa\") "
     "or "
     "@LIST, a file with a path or pattern in each line",
     OptionKind::kRepeated},
    {"gff FILE",
     "annotation, a GFF3 or GTF file, plain or gzip, whose rows of type CDS are the coding bases; "
     "may "
     "be repeated, be a pattern or @LIST; as many as there are FASTA files: each describes the "
     "FASTA "
     "file in its own place; another number: each may describe sequences of all FASTA files",
     OptionKind::kRepeated},
    {"labels NAME",
     "classes of the bases: strand (coding on +, coding on -, other) or frame (also the place in "
     "the "
     "codon, and start and stop codons, which finds genes better); default strand"},
    Rare({"gc-bins N",
          "number of bins of the GC share of a whole sequence, equally wide between 25 % and 75 %, "
          "that the model gets as an input with each base, so that it can serve genomes of very "
          "different GC content; 0 (none) or 2 to 50; default 0"}),
    Rare({"like FOLDER",
          "corpus or run whose classes (--labels) and GC bins (--gc-bins) the new corpus has, so "
          "that the run can be evaluated on it, or trained further"}),
    {"synthetic BASES", "makes up a genome of this many bases instead of reading one"},
    Rare({"seed N", "seed of the made-up genome; default 1"}),
    {"out CORPUS", "corpus folder to make"},
    Rare({"window BASES", "bases of a training sequence, its overlap included; default 512"}),
    Rare({"overlap BASES",
          "bases of context on each side of a window whose labels count in its neighbour only; "
          "default 0"}),
    Rare({"shard-bytes BYTES", "size of a shard in bytes; default 33554432 (32 MiB)"}),
};

constexpr OptionRow kSplitRows[] = {
    {"train RANGE",
     "positions A-B for training, counted from 1, both included, in the sequences joined in file "
     "order; B may be left out; several with commas between; default: the first 80 %"},
    {"valid RANGE",
     "positions for the validation split, A-B as for training; default: the next 10 %"},
    {"test RANGE", "positions for the test split, A-B as for training; default: the last 10 %"},
    Rare({"train-records NAMES",
          "names of whole sequences for training, with * and ? as in file names and commas "
          "between; FILE:NAME names the file, too; default: with --valid-records or "
          "--test-records, all bases that no other option names"}),
    Rare({"valid-records NAMES",
          "names of whole sequences for the validation split, as for training"}),
    Rare({"test-records NAMES",
          "names of whole sequences for the test split, as for training, for example "
          "\"chr8,plasmid*\""}),
};

OptionTable Describe() { return {{"Sequences and windows", kRows}, {"Splits", kSplitRows}}; }

DnaCutOptions CutOptions(const Options& options) {
  DnaCutOptions cut;
  const auto positions = [&](const char* name) { return options.Maybe(name).value_or(""); };
  const auto records = [&](const char* name) {
    if (options.Has(name)) options.Text(name);  // refuses an empty one
    return fmt::format("{}", fmt::join(options.AtCommas(name), ","));
  };
  cut.ranges = {positions("train"),       positions("valid"),       positions("test"),
                records("train-records"), records("valid-records"), records("test-records")};
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

std::vector<std::string> Files(const Options& options, const std::string& name) {
  options.Text(name);  // must be given
  return ExpandPaths(name, options.List(name));
}

// What was not taken as it stands, in one line of each kind.
void PrintAnnotation(const AnnotationSummary& annotation) {
  if (!annotation.other_rows.empty()) {
    std::cout << fmt::format("  rows of other types, passed over: {}\n",
                             RowsText(annotation.other_rows));
  }
  if (annotation.stop_rows > 0) {
    std::cout << fmt::format("  read as GTF: {} rows of type stop_codon are coding, too\n",
                             annotation.stop_rows);
  }
  if (annotation.pseudo_genes > 0) {
    std::cout << fmt::format("  {} coding sequences of pseudogenes: their bases have no label\n",
                             annotation.pseudo_genes);
  }
  if (annotation.origin_rows > 0) {
    std::cout << fmt::format("  {} CDS rows over the origin of a circular sequence\n",
                             annotation.origin_rows);
  }
}

void WarnOfBareRecords(const DnaSummary& summary) {
  constexpr std::size_t kShown = 5;
  const std::vector<std::string>& bare = summary.annotation.bare_records;
  if (bare.empty()) return;
  std::vector<std::string> shown;
  for (std::size_t i = 0; i < std::min(bare.size(), kShown); ++i)
    shown.push_back(Printable(bare[i]));
  LogWarning(
      "{} of {} sequences have no CDS row, so all their bases are \"other\": {}{}; leave them out "
      "if "
      "they were not annotated",
      bare.size(), summary.records, fmt::join(shown, ", "), bare.size() > kShown ? ", ..." : "");
}

// The training bases of each GC bin.
void PrintGcBins(const DnaSummary& summary) {
  std::vector<std::string> bins;
  for (std::size_t bin = 0; bin < summary.bin_bases.size(); ++bin) {
    if (summary.bin_bases[bin] == 0) continue;
    bins.push_back(fmt::format("{} {}", summary.gc_bins.NameOf(bin), summary.bin_bases[bin]));
  }
  if (bins.empty()) return;
  std::cout << fmt::format("  training bases by the GC share of their sequence in percent: {}\n",
                           fmt::join(bins, ", "));
}

// Classes and GC bins.
void TakeRules(const Options& options, DnaOptions* dna) {
  const auto like = options.Maybe("like");
  if (!like) {
    dna->labels = BaseLabelsFromName(options.Maybe("labels").value_or("strand"));
    dna->gc_bins = GcBins(options.Number("gc-bins", 0, 0));
    return;
  }
  for (const char* name : {"labels", "gc-bins"}) {
    if (!options.Has(name)) continue;
    throw UsageError(
        "prepare dna: --{} does not go with --like, whose corpus decides it; leave it out", name);
  }
  const CorpusInfo corpus = ReadCorpusInfo(*like);
  const auto labels = BaseLabelsOf(corpus.classes());
  const auto gc_bins = GcBins::Of(corpus, fmt::format("{}/{}", *like, kCorpusIndexName));
  if (!labels || !gc_bins || corpus.target().alignment != Alignment::kStep) {
    throw UsageError(
        "prepare dna: --like {} is of kind \"{}\" and has no label for each base of DNA; give a "
        "corpus or a run that has, or --task classify",
        *like, corpus.kind);
  }
  dna->labels = *labels;
  dna->gc_bins = *gc_bins;
  dna->join_rare_bins = false;
}

void PrepareFiles(const Options& options) {
  DnaOptions dna;
  dna.files = {Files(options, "fasta"), Files(options, "gff")};
  TakeRules(options, &dna);
  dna.out = options.Text("out");
  dna.cut = CutOptions(options);
  const DnaSummary summary = PrepareDna(dna);
  std::cout << fmt::format("{}: {} bases in {} sequences, {} CDS rows\n", PathText(dna.out),
                           summary.bases, summary.records, summary.annotation.cds_rows);
  std::cout << fmt::format(
      "  {} ambiguous bases (N), {} bases {} (the earlier row has them), {} "
      "bases in no range\n",
      summary.n_bases, summary.conflict_bases,
      dna.labels == BaseLabels::kFrame ? "in two coding sequences" : "coding on both strands",
      summary.unused_bases);
  if (summary.order_bases > 0) {
    std::cout << fmt::format("  {} bases where genes overlap have no label\n", summary.order_bases);
  }
  PrintAnnotation(summary.annotation);
  PrintGcBins(summary);
  PrintSplits(summary.info);
  for (const std::string& warning : summary.annotation.warnings) LogWarning("{}", warning);
  WarnOfBareRecords(summary);
  if (summary.info.splits.contains("train")) return;
  LogWarning("{}: no base is left for training: the corpus serves as a test only", dna.out);
}

void PrepareSynthetic(const Options& options) {
  for (const char* name :
       {"train-records", "valid-records", "test-records", "labels", "gc-bins", "like"}) {
    if (!options.Has(name)) continue;
    throw UsageError(
        "prepare dna: --{} does not go with --synthetic, which makes one sequence with the classes "
        "other, coding+ and coding-",
        name);
  }
  SyntheticDnaOptions synthetic;
  synthetic.bases = options.Number("synthetic", 0, 1);
  synthetic.seed = static_cast<std::uint64_t>(options.Number("seed", 1, 0));
  synthetic.out = options.Text("out");
  synthetic.cut = CutOptions(options);
  const SyntheticDnaSummary summary = PrepareSyntheticDna(synthetic);
  std::cout << fmt::format("{}: {} synthetic bases, seed {}\n", PathText(synthetic.out),
                           synthetic.bases, synthetic.seed);
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

// Whether an option was given, before its table is known.
bool Gives(const Arguments& arguments, const std::string& option) {
  return std::any_of(arguments.begin(), arguments.end(), [&](const std::string& argument) {
    return argument == option || argument.starts_with(option + "=");
  });
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
  if (IsClassify(arguments)) {
    if (Gives(arguments, "--gc-bins")) {
      throw UsageError(
          "prepare dna: --gc-bins goes with a label for each base, not with --task classify, whose "
          "models read whole sequences; leave it out");
    }
    return PrepareClassifyDna(arguments);
  }
  const Options options("prepare dna", Describe(), arguments);
  if (PrintsHelp(options, kUsage, Describe())) return ExitCode::kDone;
  if (const std::string task = options.Maybe("task").value_or("label"); task != "label")
    throw UsageError("prepare dna: --task is \"{}\"; allowed are label and classify", task);
  if (options.Has("synthetic") && (options.Has("fasta") || options.Has("gff"))) {
    throw UsageError("prepare dna: --synthetic makes its own genome; leave out --fasta and --gff");
  }
  options.Has("synthetic") ? PrepareSynthetic(options) : PrepareFiles(options);
  return ExitCode::kDone;
}

}  // namespace lockstep
