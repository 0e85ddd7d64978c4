// From what the training split of a run came, and how often each part of it is read.
#pragma once

#include "data/corpus/shard_format.h"
#include "launch/report/report_page.h"

namespace lockstep {

// Adds the sources of the training split, if there are several: the files from which --corpus was
// prepared, and the corpora of data.mix. How many of their sequences an epoch reads follows from
// data.mix and data.source_weights, by the settings of the run, which must be there already.
void AddSources(const CorpusInfo& corpus, ReportedRun* run);

}  // namespace lockstep
