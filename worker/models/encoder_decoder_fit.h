// What an encoder-decoder model must fit: the target of a corpus that it can write, and the widths
// that tied embeddings demand.
#pragma once

#include "worker/heads/heads.h"
#include "worker/layers/encoder_options.h"

namespace lockstep {

// The index of the target field. UsageError if a decoder cannot write that target, or if an option
// of the head is for other targets.
std::size_t WrittenField(const HeadOptions& head, const Schema& schema);

// The columns of the vectors that the first of the output layers reads. UsageError if embeddings
// are to be tied to a layer of another width.
Index VectorWidth(const EncoderOptions& encoder, const HeadOptions& head);

// Whether one embedding serves for sources and targets; `target` is the index of the target field.
bool SharesEmbedding(const HeadOptions& head, const Schema& schema, std::size_t target);

}  // namespace lockstep
