// What the trained model of a run makes of samples, for the page of `lockstep report`.
#pragma once

#include "launch/frame/options.h"
#include "launch/output/report_part.h"

namespace lockstep {

// The parts of the page about --run and samples of --corpus, or else of the corpus that the run was
// trained on; none with --no-samples or before the first checkpoint. A model that cannot be shown
// must not cost the curves: then a part says why, unless the user has asked for samples of a corpus
// or a split, whose errors are thrown. One process.
ReportParts PartsOfSamples(const Options& options);

}  // namespace lockstep
