// A small model that writes targets of their own length, with a slot of random sources and targets.
#pragma once

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "base/counter_rng.h"
#include "tests/support/small_model.h"
#include "worker/models/encoder_decoder_model.h"

namespace lockstep {

struct WriterOptions {
  EncoderOptions encoder;
  DecoderOptions decoder;
  HeadOptions head;
  Index symbols = 5;  // ids of the source
  Index words = 4;    // ids of the target; 0: the vocabulary of the source
};

inline WriterOptions SmallWriter() {
  WriterOptions options;
  options.encoder.hidden_size = 2;
  options.encoder.embedding_size = 3;
  options.encoder.embedding_scale = 0.5;
  return options;
}

inline Schema WriterSchema(const WriterOptions& options) {
  Schema schema;
  schema.vocabularies = {UnnamedVocabulary("words", options.symbols)};
  if (options.words > 0) {
    schema.vocabularies.push_back(UnnamedVocabulary("targets", options.words));
  }
  schema.vocabularies.back().start = 0;
  schema.vocabularies.back().end = 1;
  const int last = static_cast<int>(schema.vocabularies.size()) - 1;
  schema.fields = {{.name = "inputs", .type = ElementType::kInt32, .vocabulary = 0},
                   {.name = "targets",
                    .type = ElementType::kInt32,
                    .alignment = Alignment::kOwnSteps,
                    .role = FieldRole::kTarget,
                    .vocabulary = last}};
  return schema;
}

// Lengths of a source and its target.
using LengthPair = std::pair<Index, Index>;

// A slot of random ids. Sources stand in descending order of their lengths, as `lengths` must.
inline SlotBatch WriterSlot(const Schema& schema, const std::vector<LengthPair>& lengths,
                            std::uint64_t seed) {
  const CounterRng rng(seed, RandomPurpose::kTest);
  std::uint64_t drawn = 0;
  const auto fill = [&](std::size_t f, Index rows, std::vector<std::int32_t>* ids) {
    const auto count = static_cast<std::uint64_t>(schema.IdsOf(schema.fields[f]));
    for (Index row = 0; row < rows; ++row) {
      ids->push_back(static_cast<std::int32_t>(rng.Below(drawn++, count)));
    }
  };
  SlotBatch slot;
  slot.fields.resize(2);
  std::vector<Index> sources, targets;
  for (const LengthPair& pair : lengths) sources.push_back(pair.first);
  slot.layout = PackedLayout(sources);
  slot.sample_ids.resize(lengths.size());
  std::iota(slot.sample_ids.begin(), slot.sample_ids.end(), 0);
  fill(0, slot.layout.rows(), &slot.fields[0].ids);
  FieldBatch& target = slot.fields[1];
  target.sequence_of.resize(lengths.size());
  std::iota(target.sequence_of.begin(), target.sequence_of.end(), 0);
  const auto length_of = [&](Index b) { return lengths[static_cast<std::size_t>(b)].second; };
  std::ranges::stable_sort(target.sequence_of,
                           [&](Index a, Index b) { return length_of(a) > length_of(b); });
  for (const Index b : target.sequence_of) targets.push_back(length_of(b));
  target.layout = PackedLayout(targets);
  fill(1, target.layout.rows(), &target.ids);
  return slot;
}

inline SlotBounds WriterBounds(const SlotBatch& slot) {
  const PackedLayout& target = slot.fields[1].layout;
  return {slot.layout.sequences(),
          slot.layout.steps(),
          slot.layout.rows(),
          {slot.layout.rows(), target.rows()},
          {slot.layout.steps(), target.steps()}};
}

// The model with its slot and no byte of workspace more than it asked for.
template <typename S>
struct WriterHarness {
  WriterHarness(const WriterOptions& options, const std::vector<LengthPair>& lengths,
                std::uint64_t seed = 5)
      : model(options.encoder, options.decoder, options.head, WriterSchema(options)),
        slot(WriterSlot(model.schema(), lengths, seed)),
        workspace(model.WorkspaceBytes(WriterBounds(slot))),
        values(model.layout().size()),
        gradient(model.layout().size()) {
    InitialiseParameters<S>(model.layout(), seed, values.span());
  }
  StepSums Run(Index step = 1) {
    AlignedBuffer<S> fresh(gradient.size());
    std::swap(gradient, fresh);
    return model.ForwardBackward(slot, {5, step, 2}, values.data(), gradient.data(), &workspace);
  }
  StepSums Evaluate() { return model.Evaluate(slot, values.data(), &workspace); }

  EncoderDecoderModel<S> model;
  SlotBatch slot;
  Workspace workspace;
  AlignedBuffer<S> values;
  AlignedBuffer<S> gradient;
};

}  // namespace lockstep
