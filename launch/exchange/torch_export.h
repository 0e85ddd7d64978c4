// A model as a safetensors file that PyTorch reads: its parameters under the names, and in the
// shapes and gate orders, of the modules torch.nn.Embedding, torch.nn.RNN, GRU or LSTM (named
// `rnn`) and torch.nn.Linear (`front`, `dense.0`, ..., `head`), so that load_state_dict of a module
// with these members takes them as they are. docs/exchange.md shows one.
//
// The metadata of the file say what is no array: "lockstep.config" (each key and its value, JSON),
// "lockstep.schema" (inputs, targets, and the names of symbols and classes, JSON), "lockstep.rnn"
// (the module, or why PyTorch has none), "lockstep.step", "lockstep.version".
#pragma once

#include <map>
#include <string>

#include "launch/run/trained_model.h"

namespace lockstep {

// The call that makes the module of the recurrent layers, such as
// "torch.nn.LSTM(5, 8, num_layers=2, bidirectional=True)"; or "none: ..." with the reason why
// PyTorch has no module that computes the same.
std::string TorchModule(const EncoderOptions& options, Index input_size);

std::map<std::string, std::string> TorchMetadata(const TrainedModel& trained,
                                                 const CorpusInfo& corpus);
// Rank 0. IoError if `path` exists already or cannot be written.
void WriteTorchState(const TrainedModel& trained, const CorpusInfo& corpus,
                     const std::string& path);

}  // namespace lockstep
