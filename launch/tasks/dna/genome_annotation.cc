#include "launch/tasks/dna/genome_annotation.h"

#include <fnmatch.h>

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/characters.h"
#include "base/json_text.h"
#include "base/log.h"
#include "data/corpus/joined_corpus.h"
#include "data/dna/gc_bins.h"
#include "data/dna/genome.h"

namespace lockstep {
namespace {

// The network uses about as many bases on each side of a base as these; without them, bases near
// the ends of a window are labelled worse.
constexpr Index kContext = 256;
// Windows that are longer than those of training cost less for their context, and no accuracy.
constexpr Index kWindow = 4096;

// Whether bases of a corpus with this provenance were ambiguous; true if it does not say.
bool HadAmbiguousBases(const std::string& text) {
  const nlohmann::json provenance = ParseJsonOrDiscard(text);
  if (!provenance.is_object()) return true;
  const auto bases = provenance.find("n_bases");
  if (bases != provenance.end() && bases->is_number_integer()) return bases->get<Index>() > 0;
  const auto importer = provenance.find("importer");
  return importer != provenance.end() && *importer == "dna";
}

// Whether the model has met N in training.
bool KnowsAmbiguousBases(const CorpusInfo& corpus) {
  return std::ranges::any_of(ProvenancesOf(corpus), HadAmbiguousBases);
}

std::optional<GcBins> GcBinsOf(const std::string& run, const CorpusInfo& corpus) {
  return GcBins::Of(corpus, run + "/" + kCorpusIndexName);
}

}  // namespace

std::span<const OptionRow> GenomeAnnotationRows() {
  static constexpr OptionRow kRows[] = {
      {"genetic-code N",
       "number of the genetic code by NCBI's list, which says what codons start and stop a gene; "
       "default 11 (bacteria and archaea); mycoplasmas have 4"},
      Rare({"circular NAMES",
            "names of sequences that are circles, with * and ? as in file names and commas "
            "between, so that genes may lie over their origin; default: none"}),
      Rare({"min-length BASES",
            "shortest gene that is found, or shortest run with --features runs, in bases; default "
            "90 for genes, 60 for runs"}),
      Rare({"window BASES",
            "bases that the model reads at once, its overlap included; default 4096 or the window "
            "of the training corpus, if that is longer"}),
      Rare({"overlap BASES",
            "bases of context on each side of a window that are labelled in its neighbour; default "
            "256 or the overlap of the training corpus, if that is longer"}),
      Rare({"strands NAME",
            "the strands that the model reads a window from: one or both, whose scores are "
            "averaged, which takes twice the time and has fewer errors; default both for genes, "
            "one for runs"}),
  };
  return kRows;
}

void RequireBaseLabels(const std::string& run, const CorpusInfo& corpus) {
  if (BaseLabelsOf(corpus.classes()) && GcBinsOf(run, corpus)) return;
  throw UsageError(
      "--fasta: run {} was trained on a corpus of kind \"{}\" with {} symbols and {} classes, not "
      "on labelled bases of DNA; use --corpus",
      run, corpus.kind, corpus.symbols().size(), corpus.classes().size());
}

WindowSize UsualWindow(const CorpusInfo& corpus) {
  return {std::max(corpus.window, kWindow), std::max(corpus.overlap, kContext)};
}

std::unique_ptr<GenomeWindows> WindowsOf(const Options& options, const CorpusInfo& corpus) {
  const WindowSize usual = UsualWindow(corpus);
  const Index overlap = options.Number("overlap", usual.overlap, 0);
  const Index window = options.Number("window", usual.window, 1);
  constexpr Index kLongest = Index{1} << 24;
  if (window <= 2 * overlap || window > kLongest) {
    throw UsageError(
        "--window is {} with --overlap {}; allowed are more than twice the overlap, up to {}",
        window, overlap, kLongest);
  }
  const std::string fasta = options.Text("fasta");
  const GcBins gc_bins = GcBinsOf(options.Text("run"), corpus).value();
  return std::make_unique<GenomeWindows>(fasta, window, overlap, BinsOfRecords(fasta, gc_bins));
}

GenomeScoreOptions ScoreOptions(const Options& options, const CorpusInfo& corpus, bool genes) {
  const std::string strands = options.Maybe("strands").value_or(genes ? "both" : "one");
  if (strands != "one" && strands != "both")
    throw UsageError("--strands is \"{}\"; allowed are one and both", strands);
  GenomeScoreOptions scoring;
  scoring.schema = corpus.schema;
  scoring.threads = static_cast<int>(options.Number("threads", 1, 1));
  scoring.both_strands = strands == "both";
  return scoring;
}

GeneFinderOptions FinderOptions(const Options& options) {
  GeneFinderOptions finder;
  finder.genetic_code = static_cast<int>(options.Number("genetic-code", finder.genetic_code, 1));
  GeneticCode::FromNumber(finder.genetic_code);
  finder.scoring.min_bases = options.Number("min-length", finder.scoring.min_bases, 6);
  finder.scoring.min_open = std::min(finder.scoring.min_open, finder.scoring.min_bases);
  return finder;
}

std::vector<std::size_t> CircularRecords(const Options& options) {
  std::vector<std::size_t> circular;
  if (!options.Has("circular")) return circular;
  const std::string fasta = options.Text("fasta");
  const Genome genome = ScanGenome({{fasta}, {}});
  for (const std::string& pattern : options.AtCommas("circular")) {
    const std::size_t before = circular.size();
    for (std::size_t i = 0; i < genome.records.size(); ++i) {
      if (fnmatch(pattern.c_str(), genome.records[i].name.c_str(), 0) == 0) circular.push_back(i);
    }
    if (circular.size() > before) continue;
    throw UsageError("--circular: no sequence of {} has the name {}; its first is {}", fasta,
                     Printable(pattern), Printable(genome.records.front().name));
  }
  return circular;
}

void FindGenes(const GeneFinderOptions& options, const EvidenceFile& evidence,
               const std::function<void(const EvidenceRecord&)>& begin,
               const std::function<void(const EvidenceRecord&, const std::vector<Gene>&)>& take) {
  GeneFinder finder(options, evidence);
  finder.Learn();
  for (const EvidenceRecord& record : evidence.records()) {
    begin(record);
    finder.Find(record, [&](const std::vector<Gene>& genes) { take(record, genes); });
  }
}

void TellAmbiguousBases(const CorpusInfo& corpus, const GapCounter& gaps) {
  if (gaps.gap_bases() > 0) {
    std::cout << fmt::format(
        "  {} bases in runs of {} or more ambiguous ones (N) were masked: no row lies in them\n",
        gaps.gap_bases(), GeneFinder::kShortestGap);
  }
  if (gaps.ambiguous_bases() == 0 || KnowsAmbiguousBases(corpus)) return;
  LogWarning(
      "{} ambiguous bases (N) in shorter runs were labelled, but the training corpus had none, so "
      "labels there are guesses",
      gaps.ambiguous_bases());
}

}  // namespace lockstep
