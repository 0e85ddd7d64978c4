// The scores of a model that labels bases, for all bases of a FASTA file.
#pragma once

#include <functional>
#include <span>

#include "data/dna/genes/evidence_file.h"
#include "launch/run/trained_model.h"
#include "launch/tasks/dna/genome_windows.h"
#include "worker/comm/communicator.h"

namespace lockstep {

// Collective. Rank 0 cuts the windows (null on the other ranks), all ranks score them with
// `threads` threads each, and `use` is called on rank 0 for each window in order, with the scores
// [bases, classes] of all its bases, context included. The same for any number of ranks and
// threads. Shows progress.
void ScoreGenome(const Communicator& comm, const TrainedModel& trained, int threads,
                 GenomeWindows* windows,
                 const std::function<void(const GenomeWindow&, std::span<const float>)>& use);

// Adds the bases of a window that are labelled there, without the context.
void AddCore(const GenomeWindow& window, std::span<const float> scores, EvidenceFile* evidence);

}  // namespace lockstep
