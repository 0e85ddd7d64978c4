// A model as an ONNX file (docs/exchange.md describes its inputs and outputs).
#pragma once

#include <string>

#include "launch/run/trained_model.h"

namespace lockstep {

// Rank 0. IoError if `path` exists already or cannot be written. UsageError that names what of the
// model ONNX has no operators for.
void WriteOnnx(const TrainedModel& trained, const CorpusInfo& corpus, const std::string& path);
// The same for a sequence that comes in parts: the states of the recurrent layers are an input and
// an output. UsageError, too, if the model must know the whole sequence.
void WriteOnnxStream(const TrainedModel& trained, const CorpusInfo& corpus,
                     const std::string& path);

}  // namespace lockstep
