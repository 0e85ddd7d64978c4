// What a decoder reads in training: the targets of the steps before, and with scheduled sampling
// what the model itself would have written there.
#pragma once

#include "worker/layers/decoder.h"

namespace lockstep {

// Sets previous [rows] to the id of the row before in the same sequence, that of the first rows to
// `start`.
void ReadBefore(const FieldBatch& target, std::int32_t start, std::int32_t* previous);

// The probability of scheduled sampling at a step of training: it grows linearly to
// DecoderOptions::sampling.
double SamplingProbability(const DecoderOptions& options, Index step);

// Replaces what each row reads with this probability by best [rows] of the row before, which is
// what the model found most probable there. First rows keep the start. Draws are a function of
// seed, step, slot and row.
void SamplePrevious(const PackedLayout& layout, const std::int32_t* best, double probability,
                    const DropoutKey& key, std::int32_t* previous);

}  // namespace lockstep
