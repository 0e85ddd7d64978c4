// The scores of a model that labels bases, for all bases of a FASTA file.
#pragma once

#include <functional>
#include <span>

#include "data/dna/genes/evidence_file.h"
#include "launch/run/trained_model.h"
#include "launch/tasks/dna/genome_windows.h"
#include "worker/comm/communicator.h"

namespace lockstep {

struct GenomeScoreOptions {
  Schema schema;  // of the training corpus; its bases and classes have complements
  int threads = 1;
  // True: each window is also read from its other strand, and the scores are the means of both,
  // which have fewer errors than either (Shrikumar et al. 2017 call it post-hoc averaging).
  bool both_strands = false;
};

// Collective. Rank 0 cuts the windows (null on the other ranks), all ranks score them with
// options.threads threads each, and `use` is called on rank 0 for each window in order, with the
// scores [bases, classes] of all its bases, context included. The same for any number of ranks and
// threads. Shows progress.
void ScoreGenome(const Communicator& comm, const TrainedModel& trained,
                 const GenomeScoreOptions& options, GenomeWindows* windows,
                 const std::function<void(const GenomeWindow&, std::span<const float>)>& use);

// Adds the bases of a window that are labelled there, without the context.
void AddCore(const GenomeWindow& window, std::span<const float> scores, EvidenceFile* evidence);

}  // namespace lockstep
