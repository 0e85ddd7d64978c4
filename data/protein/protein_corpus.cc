#include "data/protein/protein_corpus.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "base/hash.h"
#include "base/work_progress.h"
#include "data/corpus/source_file.h"
#include "data/corpus/source_table.h"
#include "data/protein/amino_acids.h"
#include "data/protein/coding_translation.h"
#include "data/protein/protein_classes.h"

namespace lockstep {
namespace {

Schema SchemaOf(const std::vector<std::string>& classes) {
  Vocabulary residues, states;
  residues.name = "residues";
  for (const char letter : kAminoAcids) residues.names.emplace_back(1, letter);
  residues.unknown = kUnknownResidue;
  states.name = "states";
  states.names = classes;
  Schema schema;
  schema.vocabularies = {residues, states};
  schema.fields = {{.name = "inputs", .role = FieldRole::kInput, .vocabulary = 0},
                   {.name = "targets", .role = FieldRole::kTarget, .vocabulary = 1}};
  schema.unit = "residues";
  return schema;
}

CorpusInfo HeaderOf(const ProteinCorpusOptions& options, const ProteinClasses& classes) {
  CorpusInfo info;
  info.kind = "protein";
  info.schema = SchemaOf(classes.names());
  info.has_names = true;
  std::vector<std::string> paths;
  for (const ProteinFiles& files : options.files) paths.push_back(files.sequences);
  info.sources = SourceNames(paths);
  return info;
}

void DrawTheSplits(const SplitDraw& draw, std::vector<LabelledProtein>* proteins) {
  if (!draw.draws()) return;
  std::vector<DrawnRow> rows;
  std::vector<LabelledProtein*> drawn;
  const bool draws_test = draw.test_fraction > 0 || draw.folds > 0;
  for (LabelledProtein& protein : *proteins) {
    const bool is_given = (protein.split == DataSplit::kValid && draw.valid_fraction > 0) ||
                          (protein.split == DataSplit::kTest && draws_test);
    if (is_given) {
      throw UsageError(
          "prepare protein: {} is of the {} split already, so that split cannot be drawn; leave "
          "out {}",
          protein.place, DataSplitName(protein.split),
          protein.split == DataSplit::kValid ? "--valid-fraction" : "--test-fraction and --fold");
    }
    if (protein.split != DataSplit::kTrain) continue;
    rows.push_back({protein.file, static_cast<std::uint64_t>(protein.line), 0});
    drawn.push_back(&protein);
  }
  const std::vector<DataSplit> splits = DrawSplits(rows, draw);
  for (std::size_t i = 0; i < splits.size(); ++i) drawn[i]->split = splits[i];
}

KnownSamples FindKnown(const std::vector<LabelledProtein>& proteins) {
  KnownSamples known;
  const auto hash = [](const LabelledProtein& protein) {
    return Hash64(std::as_bytes(std::span(protein.residues)));
  };
  for (const LabelledProtein& protein : proteins) known.AddOther(protein.split, hash(protein));
  for (const LabelledProtein& protein : proteins)
    if (protein.split == DataSplit::kTrain) known.AddTraining(hash(protein));
  return known;
}

// The codes of the residues, translated where the file holds DNA.
std::vector<std::uint8_t> CodesOf(const LabelledProtein& protein,
                                  const std::optional<GeneticCode>& code) {
  if (!code) return ResidueCodes(protein.place, protein.residues);
  return ResidueCodes(protein.place, TranslateCoding(protein.place, protein.residues, *code));
}

void RequireSameLength(const LabelledProtein& protein, const char* what, std::size_t found,
                       std::size_t residues) {
  if (found == residues) return;
  throw BadData("{} has {} residues, but {} {}; give one per residue", protein.place, residues,
                found, what);
}

// Checks a protein and writes it.
class ProteinWriter {
 public:
  ProteinWriter(const ProteinCorpusOptions& options, const ProteinClasses& classes,
                CorpusWriter* writer, ProteinSummary* summary)
      : classes_(classes), writer_(*writer), summary_(*summary) {
    if (options.genetic_code) code_ = GeneticCode::FromNumber(*options.genetic_code);
    for (ProteinSummary::Split& split : summary_.splits) split.classes.resize(classes.size());
  }

  void Add(const LabelledProtein& protein) {
    const std::vector<std::uint8_t> codes = CodesOf(protein, code_);
    RequireSameLength(protein, "labels", protein.labels.size(), codes.size());
    if (!protein.mask.empty())
      RequireSameLength(protein, "letters of the mask", protein.mask.size(), codes.size());
    const std::vector<std::uint8_t> targets = classes_.Targets(protein);
    writer_.SetSource(static_cast<Index>(protein.file));
    writer_.Add(DataSplitName(protein.split),
                {{std::as_bytes(std::span(codes)), std::as_bytes(std::span(targets))},
                 std::ssize(codes),
                 protein.name});
    Count(codes, targets, &summary_.splits[static_cast<std::size_t>(protein.split)]);
  }

 private:
  static void Count(const std::vector<std::uint8_t>& codes,
                    const std::vector<std::uint8_t>& targets, ProteinSummary::Split* split) {
    ++split->proteins;
    split->residues += std::ssize(codes);
    split->longest = std::max<Index>(split->longest, std::ssize(codes));
    split->unknown += std::ranges::count(codes, kUnknownResidue);
    for (const std::uint8_t target : targets) {
      if (target == kIgnoredTargetByte) continue;
      ++split->counted;
      ++split->classes[target];
    }
  }

  const ProteinClasses& classes_;
  CorpusWriter& writer_;
  ProteinSummary& summary_;
  std::optional<GeneticCode> code_;
};

nlohmann::json Provenance(const ProteinCorpusOptions& options) {
  nlohmann::json provenance = {
      {"importer", "protein"},
      {"states", options.three_states ? "three of DSSP" : "as in the files"},
      {"valid_fraction", options.draw.valid_fraction},
      {"test_fraction", options.draw.test_fraction},
      {"folds", options.draw.folds},
      {"fold", options.draw.fold},
      {"seed", options.draw.seed}};
  if (options.genetic_code) provenance["genetic_code"] = *options.genetic_code;
  std::set<std::string> told;
  for (const ProteinFiles& files : options.files)
    for (const std::string& path : {files.sequences, files.labels, files.mask})
      if (!path.empty() && told.insert(path).second)
        provenance["sources"].push_back(DescribeSource(path));
  return provenance;
}

void CheckOptions(const ProteinCorpusOptions& options) {
  std::vector<std::string> problems = FindSplitDrawProblems(options.draw);
  if (options.out.empty()) problems.emplace_back("--out is missing: the corpus folder to make");
  if (options.files.empty())
    problems.emplace_back("--train or --sequences is missing: what to read");
  if (options.shard_bytes < 1)
    problems.push_back(fmt::format("--shard-bytes is {}, allowed: 1 or more", options.shard_bytes));
  if (!problems.empty()) throw UsageError("prepare protein: {}", fmt::join(problems, "; "));
  if (options.genetic_code) GeneticCode::FromNumber(*options.genetic_code);
}

}  // namespace

ProteinSummary PrepareProteins(const ProteinCorpusOptions& options) {
  CheckOptions(options);
  RefuseExistingCorpus(options.out);
  std::vector<LabelledProtein> proteins;
  for (std::size_t file = 0; file < options.files.size(); ++file)
    ReadLabelledProteins(options.files[file], file, &proteins);
  DrawTheSplits(options.draw, &proteins);
  const ProteinClasses classes(options.three_states, proteins);
  CorpusWriter writer(options.out, HeaderOf(options, classes), {"train", "valid", "test"},
                      options.shard_bytes);
  ProteinSummary summary;
  summary.known = FindKnown(proteins);
  ProteinWriter protein_writer(options, classes, &writer, &summary);
  WorkProgress progress("prepare");
  for (std::size_t i = 0; i < proteins.size(); ++i) {
    protein_writer.Add(proteins[i]);
    progress.Tell(static_cast<double>(i + 1) / static_cast<double>(proteins.size()),
                  [&] { return fmt::format("{} of {} proteins", i + 1, proteins.size()); });
  }
  summary.info = writer.Finish(ProvenanceText(Provenance(options)));
  return summary;
}

}  // namespace lockstep
