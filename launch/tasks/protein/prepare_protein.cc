#include "launch/tasks/protein/prepare_protein.h"

#include <iostream>

#include "base/error.h"
#include "base/log.h"
#include "data/protein/protein_corpus.h"
#include "launch/frame/help.h"
#include "launch/output/cell_text.h"
#include "launch/tasks/protein/coding_options.h"
#include "launch/tasks/splits/split_options.h"

namespace lockstep {
namespace {

constexpr const char* kUsage =
    "Makes a corpus from proteins with one label per residue (docs/protein.md), such as their "
    "secondary structure.\n"
    "  lockstep prepare protein --sequences sequences.fasta --labels sampled.fasta --mask "
    "mask.fasta --out CORPUS\n"
    "  lockstep prepare protein --train seq.fa --train-labels dssp.fa --states 3 --valid-fraction "
    "0.1 --out CORPUS\n"
    "  lockstep prepare protein --train structure.train --test structure.test --states 3 --out "
    "CORPUS\n";

constexpr OptionRow kFiles[] = {
    {"sequences FILE",
     "FASTA file of sequences whose split is told by --labels, as FLIP keeps them"},
    {"labels FILE",
     "FASTA file of labels for --sequences, whose headers have SET=train or SET=test, and "
     "VALIDATION=True or False"},
    {"mask FILE",
     "FASTA file with 1 for each residue that counts and 0 for one that loss and accuracy leave "
     "out; default: all count"},
    {"train FILE",
     "file of sequences for training: FASTA, whose labels --train-labels names, or columns (a "
     "residue and its label per line, \"<>\" before each chain); may be repeated",
     OptionKind::kRepeated},
    {"train-labels FILE",
     "FASTA file of labels, one for each FASTA file of --train in the same order; may be repeated",
     OptionKind::kRepeated},
    {"valid FILE", "file of sequences for validation, as those of --train; may be repeated",
     OptionKind::kRepeated},
    {"valid-labels FILE", "FASTA file of labels, one for each of --valid; may be repeated",
     OptionKind::kRepeated},
    {"test FILE", "file of sequences for the test, as those of --train; may be repeated",
     OptionKind::kRepeated},
    {"test-labels FILE", "FASTA file of labels, one for each of --test; may be repeated",
     OptionKind::kRepeated},
    {"out CORPUS", "corpus folder to make"},
    Rare({"shard-bytes BYTES", "size of a shard in bytes; default 33554432 (32 MiB)"}),
};
constexpr OptionRow kStates[] = {
    {"states N",
     "3: labels are states of DSSP and become H (H G I), E (E B) and C (all others); default: each "
     "letter of the training labels is a class"},
};

OptionTable Describe() {
  return {{"Files", kFiles},
          {"Labels", kStates},
          {"Sequences", CodingRows()},
          {"Splits", SplitDrawRows()}};
}

// The files of one split, each with its labels where it is FASTA.
void AddFiles(const Options& options, DataSplit split, std::vector<ProteinFiles>* files) {
  const std::string name = DataSplitName(split);
  const std::vector<std::string> labels = options.List(name + "-labels");
  std::size_t used = 0;
  for (const std::string& path : options.List(name)) {
    ProteinFiles& file = files->emplace_back();
    file.sequences = path;
    file.split = split;
    if (!LooksLikeLetterFasta(path)) continue;
    if (used == labels.size()) {
      throw UsageError(
          "prepare protein: --{} {} is a FASTA file without labels; name theirs with "
          "--{}-labels",
          name, path, name);
    }
    file.labels = labels[used++];
    file.mask = options.Maybe("mask").value_or("");
  }
  if (used == labels.size()) return;
  throw UsageError(
      "prepare protein: --{0}-labels {1} has no FASTA file of --{0} that it belongs to", name,
      labels[used]);
}

std::vector<ProteinFiles> FilesOf(const Options& options) {
  std::vector<ProteinFiles> files;
  const bool is_flip = options.Has("sequences") || options.Has("labels");
  if (is_flip) {
    for (const char* other : {"train", "valid", "test"})
      if (options.Has(other))
        throw UsageError("prepare protein: --sequences and --{} do not go together", other);
    files.push_back({.sequences = options.Text("sequences"),
                     .labels = options.Text("labels"),
                     .mask = options.Maybe("mask").value_or(""),
                     .has_split = false});
    return files;
  }
  for (const DataSplit split : {DataSplit::kTrain, DataSplit::kValid, DataSplit::kTest})
    AddFiles(options, split, &files);
  return files;
}

ProteinCorpusOptions ProteinOptionsOf(const Options& options) {
  ProteinCorpusOptions protein;
  protein.out = options.Text("out");
  protein.files = FilesOf(options);
  protein.draw = SplitDrawOf(options);
  protein.genetic_code = CodingOf(options);
  protein.shard_bytes = options.Number("shard-bytes", protein.shard_bytes, 1);
  if (const auto states = options.Maybe("states")) {
    if (*states != "3")
      throw UsageError("prepare protein: --states is \"{}\"; allowed is 3", *states);
    protein.three_states = true;
  }
  return protein;
}

void PrintSplit(const std::string& name, const ProteinSummary::Split& split,
                const std::vector<std::string>& classes) {
  std::vector<std::string> shares;
  for (std::size_t c = 0; c < classes.size(); ++c) {
    shares.push_back(fmt::format("{} {:.1f} %", classes[c],
                                 100.0 * static_cast<double>(split.classes[c]) /
                                     static_cast<double>(std::max<Index>(1, split.counted))));
  }
  std::cout << fmt::format("{:<6} {:>7} proteins, {:>9} residues, longest {:>6}, {:>9} count: {}\n",
                           name, split.proteins, split.residues, split.longest, split.counted,
                           fmt::join(shares, ", "));
}

}  // namespace

ExitCode PrepareProteinVerb(const Arguments& arguments) {
  const Options options("prepare protein", Describe(), arguments);
  if (PrintsHelp(options, kUsage, Describe())) return ExitCode::kDone;
  const ProteinCorpusOptions protein = ProteinOptionsOf(options);
  const ProteinSummary summary = PrepareProteins(protein);
  std::array<Index, kDataSplits> counts{};
  std::cout << PathText(protein.out) << "\n";
  Index unknown = 0;
  for (std::size_t s = 0; s < counts.size(); ++s) {
    const ProteinSummary::Split& split = summary.splits[s];
    counts[s] = split.proteins;
    unknown += split.unknown;
    if (split.proteins > 0)
      PrintSplit(DataSplitName(static_cast<DataSplit>(s)), split, summary.info.classes());
  }
  for (const std::string& warning : EmptyDrawWarnings(protein.draw, counts))
    LogWarning("{}", warning);
  for (const std::string& warning : summary.known.Warnings("proteins")) LogWarning("{}", warning);
  if (unknown > 0)
    std::cout << fmt::format("{} residues are no known amino acid and are read as X\n", unknown);
  return ExitCode::kDone;
}

}  // namespace lockstep
