// `lockstep predict --score FILE` for language models: how probable a text is, line by line.
#pragma once

#include "data/text/symbol_encoder.h"
#include "launch/frame/options.h"
#include "launch/run/trained_model.h"

namespace lockstep {

// --score, --text-encoding.
std::span<const OptionRow> ScoreTextRows();

// Writes a table with one row per line of the file and one for all of it, to --out or standard
// output: symbols, how many of them are unknown, their loss in nats, and the perplexity. The file
// is one stream, as for evaluate: a line is judged with all before it in mind; ranks and threads
// share the work (launch/run/stream_parts.h). Collective; rank 0 reads and writes. `corpus` is that
// of the run.
ExitCode ScoreText(const Communicator& comm, const Options& options, const CorpusInfo& corpus);

// The encoder of the run --run. UsageError if it was not trained on a stream of a text.
SymbolEncoder EncoderOfRun(const std::string& run, const CorpusInfo& corpus);

}  // namespace lockstep
