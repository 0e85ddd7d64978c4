// `lockstep generate` for language models: text that a model writes, symbol by symbol.
#pragma once

#include <iosfwd>
#include <vector>

#include "data/text/symbol_encoder.h"
#include "launch/frame/options.h"
#include "launch/run/trained_model.h"
#include "launch/tasks/text/symbol_draw.h"

namespace lockstep {

struct WritingOptions {
  DrawOptions draw;
  Index samples = 1;
  Index length = 128;                // symbols behind the prefix
  std::vector<std::int32_t> prefix;  // what each text begins with
};

// Writes text number `sample`; each symbol can be seen as soon as it is drawn.
void WriteSample(const TrainedModel& trained, const SymbolEncoder& encoder,
                 const WritingOptions& options, Index sample, std::ostream& out);

// --top-k, --top-p.
std::span<const OptionRow> WriteTextRows();

// Writes --samples texts of --length symbols each, which begin with --prefix, to --out or, as each
// symbol is drawn, to standard output. The same seed gives the same text, on every machine whose
// scores have the same bits. Collective; rank 0 computes. `corpus` is that of the run.
ExitCode WriteText(const Communicator& comm, const Options& options, const CorpusInfo& corpus);

}  // namespace lockstep
