// Annotates a genome: scores of a model -> evidence of bases -> genes -> files.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "data/dna/genes/gene_finder.h"
#include "launch/frame/options.h"
#include "launch/run/trained_model.h"
#include "launch/tasks/dna/gap_counter.h"
#include "launch/tasks/dna/genome_scores.h"
#include "launch/tasks/dna/genome_windows.h"

namespace lockstep {

// --genetic-code, --circular, --min-length, --window, --overlap and --strands, which predict and
// evaluate share.
std::span<const OptionRow> GenomeAnnotationRows();

// UsageError if the run was not trained on labelled bases; BadData if the rule of its GC bins is
// damaged.
void RequireBaseLabels(const std::string& run, const CorpusInfo& corpus);

// The windows that a model reads a genome in, where the user does not say otherwise.
struct WindowSize {
  Index window = 0, overlap = 0;
};
WindowSize UsualWindow(const CorpusInfo& corpus);

// How the bases of --fasta are cut into windows for a model. With GC bins, reads --fasta once
// before.
std::unique_ptr<GenomeWindows> WindowsOf(const Options& options, const CorpusInfo& corpus);

// UsageError for a value that is not allowed.
GenomeScoreOptions ScoreOptions(const Options& options, const CorpusInfo& corpus, bool genes);
GeneFinderOptions FinderOptions(const Options& options);

// The places in the FASTA file of the records that --circular names. UsageError for a pattern that
// no record has.
std::vector<std::size_t> CircularRecords(const Options& options);

// Finds the genes of all records. `begin` is called before those of each record, `take` for each
// part of them.
void FindGenes(const GeneFinderOptions& options, const EvidenceFile& evidence,
               const std::function<void(const EvidenceRecord&)>& begin,
               const std::function<void(const EvidenceRecord&, const std::vector<Gene>&)>& take);

// Warns of what the model cannot know.
void TellAmbiguousBases(const CorpusInfo& corpus, const GapCounter& gaps);

}  // namespace lockstep
