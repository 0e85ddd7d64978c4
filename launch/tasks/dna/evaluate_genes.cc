#include "launch/tasks/dna/evaluate_genes.h"

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/characters.h"
#include "base/json_text.h"
#include "base/log.h"
#include "data/dna/annotation.h"
#include "data/dna/record_splits.h"
#include "launch/config/agreement.h"
#include "launch/frame/shared_files.h"
#include "launch/output/cell_text.h"
#include "launch/run/ensemble.h"
#include "launch/run/run_folder.h"
#include "launch/start/launch_check.h"
#include "launch/tasks/dna/gene_report.h"
#include "launch/tasks/dna/genome_annotation.h"
#include "launch/tasks/dna/genome_scores.h"
#include "worker/comm/together.h"

namespace lockstep {
namespace {

// The genome and what is known of it. On rank 0.
struct Annotated {
  GenomeFiles files;
  Genome genome;
  std::vector<SplitRange> ranges;
  std::vector<CodingSequence> sequences;
};

Annotated ReadAnnotated(const Options& options) {
  Annotated annotated;
  annotated.files = {{options.Text("fasta")}, {options.Text("gff")}};
  annotated.genome = ScanGenome(annotated.files);
  SplitRangeOptions wanted;
  wanted.test = options.Maybe("test").value_or("");
  wanted.test_records = options.Maybe("test-records").value_or("");
  CheckRangeSyntax(wanted);
  if (wanted.test.empty() && wanted.test_records.empty()) wanted.test = "1-";
  annotated.ranges = ResolveRanges(wanted, annotated.genome.bases,
                                   RangesOfRecords(wanted, annotated.files, annotated.genome));
  std::erase_if(annotated.ranges, [](const SplitRange& range) { return range.split != "test"; });
  annotated.sequences = ReadCodingSequences(annotated.files, annotated.genome);
  if (annotated.sequences.empty()) {
    throw BadData("{}: has no CDS row, so there is nothing to compare genes with",
                  options.Text("gff"));
  }
  return annotated;
}

CodingSequence ToCodingSequence(const Gene& gene, std::size_t record) {
  CodingSequence sequence;
  sequence.record = record;
  sequence.plus_strand = gene.plus_strand;
  sequence.parts = {{gene.begin, gene.end, 0}};
  return sequence;
}

// Genes, and where they come from.
struct FoundGenes {
  std::string file;  // that has them, or the checkpoint, or several, that found them
  std::string text;  // the same for a line
  std::vector<CodingSequence> genes;
};

std::string TemporaryFolder() { return std::filesystem::temp_directory_path().string(); }

// Collective. The genes that the run finds in --fasta, on rank 0.
FoundGenes GenesOfRun(const Communicator& comm, const Options& options) {
  const CorpusInfo corpus = ReadSharedRunCorpus(comm, options.Text("run"));
  GenomeScoreOptions scoring;
  std::unique_ptr<GenomeWindows> windows;
  std::optional<EvidenceFile> evidence;
  std::vector<std::size_t> circular;
  GeneFinderOptions finder;
  Together(comm, [&] {
    RequireBaseLabels(options.Text("run"), corpus);
    scoring = ScoreOptions(options, corpus, true);
    finder = FinderOptions(options);
    if (comm.rank() != 0) return;
    circular = CircularRecords(options);
    windows = WindowsOf(options, corpus);
    evidence.emplace(TemporaryFolder() + "/evidence", *BaseLabelsOf(corpus.classes()));
  });
  const auto trained = LoadEnsemble(comm, options, corpus);
  ScoreGenome(comm, *trained, scoring, windows.get(),
              [&](const GenomeWindow& window, std::span<const float> scores) {
                AddCore(window, scores, &*evidence);
              });
  FoundGenes found{trained->path, Describe(*trained), {}};
  Together(comm, [&] {
    if (comm.rank() != 0) return;
    for (const std::size_t record : circular) evidence->SetCircular(record);
    std::size_t record = 0;
    FindGenes(
        finder, *evidence,
        [&](const EvidenceRecord& next) {
          record = static_cast<std::size_t>(&next - evidence->records().data());
        },
        [&](const EvidenceRecord&, const std::vector<Gene>& genes) {
          for (const Gene& gene : genes) {
            if (!gene.is_remnant) found.genes.push_back(ToCodingSequence(gene, record));
          }
        });
  });
  return found;
}

FoundGenes GenesOfFile(const Options& options, const Genome& genome) {
  const std::string file = options.Text("genes");
  FoundGenes found{file, file, ReadCodingSequences({{options.Text("fasta")}, {file}}, genome)};
  if (found.genes.empty()) {
    throw BadData(
        "{}: has no CDS row, so there are no genes to compare; --genes takes a GFF3 or GTF file",
        file);
  }
  return found;
}

// Genes of a file are compared as they are: what says how a run finds genes has no effect.
void RefuseOptionsOfRuns(const Options& options) {
  const OptionRow ensemble[] = {EnsembleRow()};
  for (const std::span<const OptionRow> rows :
       {GenomeAnnotationRows(), CheckpointRows(), std::span<const OptionRow>(ensemble)}) {
    const OptionRow* const given = options.FirstGiven(rows);
    if (given == nullptr) continue;
    throw UsageError(
        "evaluate: --{} goes with --run, which finds genes, not with --genes, a file that has them",
        given->name());
  }
}

void Print(const Options& options, const Annotated& annotated, const FoundGenes& found,
           const GeneComparison& comparison) {
  const std::string ranges = RangesText(annotated.ranges, "test");
  if (options.Has("json")) {
    nlohmann::ordered_json line = {{options.Has("genes") ? "genes_file" : "checkpoint", found.file},
                                   {"gff", options.Text("gff")},
                                   {"ranges", ranges}};
    line.update(GeneReportJson(comparison));
    std::cout << JsonTextOfAnyBytes(line) << std::endl;
    return;
  }
  std::cout << fmt::format("{} against {}, bases {} of {}: {}", PathText(found.text),
                           PathText(options.Text("gff")), ranges, PathText(options.Text("fasta")),
                           GeneReportText(comparison));
}

}  // namespace

std::span<const OptionRow> EvaluateGenesRows() {
  static const std::vector<OptionRow> kRows = [] {
    std::vector<OptionRow> rows = {
        {"gff FILE",
         "annotation, a GFF3 or GTF file, plain or gzip, that the genes are compared with, which "
         "--run finds in --fasta or which --genes has"},
        {"fasta FILE", "the genome of --gff, a FASTA file, plain or gzip"},
        Rare({"genes FILE",
              "GFF3 file with genes that were found by whatever program, to compare them instead "
              "of those of a run"}),
        {"test RANGE",
         "positions A-B that are compared, counted from 1, both included, in the sequences joined "
         "in "
         "file order; several with commas between; default: all"},
        Rare({"test-records NAMES",
              "names of whole sequences that are compared, with * and ? as in file names and "
              "commas between; default: all"}),
    };
    const std::span<const OptionRow> shared = GenomeAnnotationRows();
    rows.insert(rows.end(), shared.begin(), shared.end());
    return rows;
  }();
  return kRows;
}

ExitCode EvaluateGenes(const Communicator& comm, const Options& options) {
  std::optional<Annotated> annotated;
  Together(comm, [&] {
    if (options.Has("genes") == options.Has("run"))
      throw UsageError("evaluate: --gff needs one of --run, which finds genes, and --genes");
    if (options.Has("genes")) RefuseOptionsOfRuns(options);
    if (options.Has("corpus") || options.Has("split"))
      throw UsageError("evaluate: --gff goes with --fasta, not with --corpus and --split");
    options.Text("fasta");
    if (comm.rank() == 0) annotated.emplace(ReadAnnotated(options));
  });
  FoundGenes found;
  if (options.Has("run")) found = GenesOfRun(comm, options);
  Together(comm, [&] {
    if (comm.rank() != 0) return;
    if (options.Has("genes")) found = GenesOfFile(options, annotated->genome);
    Print(options, *annotated, found,
          CompareGenes(annotated->genome, annotated->ranges, annotated->sequences, found.genes,
                       TemporaryFolder()));
  });
  return ExitCode::kDone;
}

}  // namespace lockstep
