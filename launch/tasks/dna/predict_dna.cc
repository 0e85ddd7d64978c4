#include "launch/tasks/dna/predict_dna.h"

#include <iostream>
#include <map>
#include <optional>

#include "base/phase_timer.h"
#include "data/dna/base_labels.h"
#include "launch/output/cell_text.h"
#include "launch/output/logits_file.h"
#include "launch/run/ensemble.h"
#include "launch/tasks/dna/classify_dna.h"
#include "launch/tasks/dna/gene_files.h"
#include "launch/tasks/dna/genome_annotation.h"
#include "launch/tasks/dna/genome_scores.h"
#include "launch/tasks/dna/run_writer.h"
#include "worker/comm/together.h"

namespace lockstep {
namespace {

constexpr Index kDefaultMinRun = 60;  // bases; shorter runs are mostly noise

// "genes" or "runs".
bool WantsGenes(const Options& options) {
  const std::string features = options.Maybe("features").value_or("genes");
  if (features != "genes" && features != "runs")
    throw UsageError("--features is \"{}\"; allowed are genes and runs", features);
  for (const char* name : {"proteins", "nucleotides", "track", "circular", "genetic-code"}) {
    if (features == "runs" && options.Has(name))
      throw UsageError("--{} goes with genes, not with --features runs", name);
  }
  return features == "genes";
}

// UsageError if two of them are the same file, of which the later one would be lost at the end.
GeneFileNames FileNames(const Options& options) {
  std::map<std::string, std::string> option_of;
  for (const std::string name : {"out", "proteins", "nucleotides", "track", "logits"}) {
    if (!options.Has(name)) continue;
    const auto [other, is_new] = option_of.emplace(options.Text(name), name);
    if (!is_new) throw UsageError("--{} and --{} name the same file", other->second, name);
  }
  return {options.Text("out"), options.Maybe("proteins"), options.Maybe("nucleotides"),
          options.Maybe("track")};
}

// The files of rank 0.
class LabelFiles {
 public:
  LabelFiles(const Options& options, const CorpusInfo& corpus)
      : windows_(WindowsOf(options, corpus)), labels_(*BaseLabelsOf(corpus.classes())) {
    if (WantsGenes(options)) {
      finder_ = FinderOptions(options);
      circular_ = CircularRecords(options);
      genes_.emplace(FileNames(options), GeneticCode::FromNumber(finder_.genetic_code));
      evidence_.emplace(options.Text("out"), labels_);
    } else {
      runs_.emplace(options.Text("out"), labels_, options.Number("min-length", kDefaultMinRun, 1));
    }
    if (const auto path = options.Maybe("logits")) logits_.emplace(*path, corpus);
  }

  GenomeWindows* windows() { return windows_.get(); }

  // The scores of the next window.
  void Take(const GenomeWindow& window, std::span<const float> scores) {
    const std::size_t classes = scores.size() / window.codes.size();
    const auto begin = static_cast<std::size_t>(window.core_begin);
    const auto size = static_cast<std::size_t>(window.core_size());
    const std::span<const std::uint8_t> codes = std::span(window.codes).subspan(begin, size);
    gaps_.Add(window.record, codes);
    if (evidence_) AddCore(window, scores, &*evidence_);
    if (runs_) {
      runs_->Add(window.record, window.record_name, codes,
                 scores.subspan(begin * classes, size * classes));
    }
    if (logits_) {
      logits_->Add(static_cast<std::uint64_t>(windows_used_), scores);
      logits_->AddWindow(window.record, window.record_name, window.start,
                         static_cast<Index>(window.codes.size()));
    }
    ++windows_used_;
    bases_ += window.core_size();
  }

  void Finish() {
    gaps_.EndRun();
    if (runs_) runs_->Finish();
    if (genes_) FinishGenes();
    if (logits_) logits_->Finish();
  }

  std::string Found() const {
    if (runs_) return fmt::format("{} rows", runs_->rows());
    return fmt::format("{} genes, {} of them cut off, {} pseudogenes", genes_->genes(),
                       genes_->partial_genes(), genes_->remnants());
  }
  Index bases() const { return bases_; }
  Index windows_used() const { return windows_used_; }
  const GapCounter& gaps() const { return gaps_; }

 private:
  void FinishGenes() {
    for (const std::size_t record : circular_) evidence_->SetCircular(record);
    FindGenes(
        finder_, *evidence_, [&](const EvidenceRecord& record) { genes_->BeginRecord(record); },
        [&](const EvidenceRecord& record, const std::vector<Gene>& genes) {
          genes_->Add(*evidence_, record, genes);
        });
    genes_->Finish(*evidence_);
  }

  std::unique_ptr<GenomeWindows> windows_;
  BaseLabels labels_;
  GeneFinderOptions finder_;
  std::vector<std::size_t> circular_;
  std::optional<GeneFiles> genes_;
  std::optional<EvidenceFile> evidence_;
  std::optional<RunWriter> runs_;
  std::optional<LogitsFile> logits_;
  GapCounter gaps_;
  Index windows_used_ = 0;
  Index bases_ = 0;
};

void TellResult(const Options& options, const CorpusInfo& corpus, const std::string& checkpoint,
                const LabelFiles& files, double seconds) {
  std::cout << fmt::format(
      "{}: {}; {} bases in {} window{} labelled with {} in {:.2f} s, {:.0f} bases/s\n",
      PathText(options.Text("out")), files.Found(), files.bases(), files.windows_used(),
      files.windows_used() == 1 ? "" : "s", PathText(checkpoint), seconds,
      static_cast<double>(files.bases()) / seconds);
  TellAmbiguousBases(corpus, files.gaps());
}

}  // namespace

std::span<const OptionRow> PredictDnaRows() {
  static const std::vector<OptionRow> kRows = [] {
    std::vector<OptionRow> rows = {
        {"fasta FILE",
         "FASTA file, plain or gzip: a genome whose genes --out gets as GFF3, or sequences that "
         "get one class each, or proteins whose residues get a state each, as the run was trained"},
        {"features NAME",
         "what is written of a genome: genes (from start to stop codon, as in bacteria and "
         "archaea) "
         "or runs (of bases that are labelled coding, whatever their codons); default genes"},
        {"proteins FILE", "FASTA file to write the proteins of the genes to"},
        Rare({"nucleotides FILE", "FASTA file to write the bases of the genes to"}),
        Rare({"track FILE",
              "bedGraph file for the probability that a base is coding, on each strand"}),
        EnsembleRow(),
    };
    const std::span<const OptionRow> shared = GenomeAnnotationRows();
    rows.insert(rows.end(), shared.begin(), shared.end());
    return rows;
  }();
  return kRows;
}

ExitCode PredictDna(const Communicator& comm, const Options& options, const CorpusInfo& corpus) {
  if (corpus.target().alignment == Alignment::kSequence)
    return PredictClassOfDna(comm, options, corpus);
  std::optional<LabelFiles> files;
  GenomeScoreOptions scoring;
  Together(comm, [&] {
    RequireBaseLabels(options.Text("run"), corpus);
    scoring = ScoreOptions(options, corpus, WantsGenes(options));
    if (comm.rank() == 0) files.emplace(options, corpus);
  });
  const auto trained = LoadEnsemble(comm, options, corpus);
  const double start = Seconds();
  ScoreGenome(comm, *trained, scoring, files ? files->windows() : nullptr,
              [&](const GenomeWindow& window, std::span<const float> scores) {
                files->Take(window, scores);
              });
  Together(comm, [&] {
    if (files) files->Finish();
  });
  if (comm.rank() == 0) TellResult(options, corpus, trained->path, *files, Seconds() - start);
  return ExitCode::kDone;
}

}  // namespace lockstep
