// A small model in double with a slot of random inputs and targets, for gradient checks.
#pragma once

#include <utility>
#include <vector>

#include "base/counter_rng.h"
#include "data/corpus/shard_format.h"
#include "tests/support/gradient_check.h"
#include "tests/support/small_model.h"

namespace lockstep {

// What central differences of a smooth loss in double leave.
inline constexpr double kGradientTolerance = 1e-7;
inline constexpr std::uint64_t kSeed = 5;

// Labels of their own length: one for two steps.
inline void TakeLabels(const std::vector<Index>& lengths, Index classes, SlotBatch* slot) {
  slot->fields[1].ids.clear();
  slot->fields[1].offsets.assign(1, 0);
  for (const Index length : lengths) {
    for (Index k = 0; k < length / 2; ++k) {
      slot->fields[1].ids.push_back(
          static_cast<std::int32_t>(1 + (k * k + length) % (classes - 1)));
    }
    slot->fields[1].offsets.push_back(static_cast<Index>(slot->fields[1].ids.size()));
  }
}

// A slot of random symbols or features; every seventh target is ignored.
inline SlotBatch RandomSlot(const SmallModelOptions& options, const std::vector<Index>& lengths) {
  const CounterRng rng(kSeed, RandomPurpose::kTest);
  SlotBatch slot;
  slot.fields.resize(2);
  slot.layout = PackedLayout(lengths);
  slot.fields[0].values =
      AlignedBuffer<float>(slot.layout.rows() * std::max<Index>(1, options.feature_width));
  for (Index i = 0; i < slot.fields[0].values.size(); ++i) {
    slot.fields[0].values[i] = static_cast<float>(rng.Normal(static_cast<std::uint64_t>(i)));
  }
  for (Index row = 0; row < slot.layout.rows(); ++row) {
    const std::uint64_t at = static_cast<std::uint64_t>(1000000 + 2 * row);
    const auto draw = [&](std::uint64_t i, Index n) {
      return static_cast<std::int32_t>(rng.Below(i, static_cast<std::uint64_t>(n)));
    };
    if (options.symbols > 0) slot.fields[0].ids.push_back(draw(at, options.symbols));
    slot.fields[1].ids.push_back(row % 7 == 3 ? kIgnoredTarget : draw(at + 1, options.classes));
  }
  if (options.target == Alignment::kList) TakeLabels(lengths, options.classes, &slot);
  return slot;
}

// A model in double with its slot; no byte of workspace more than it asked for.
struct ModelHarness {
  explicit ModelHarness(const SmallModelOptions& options, const std::vector<Index>& lengths)
      : model(options),
        slot(RandomSlot(options, lengths)),
        workspace(
            model.WorkspaceBytes(TwoFieldBounds(slot.layout.sequences(), slot.layout.steps(),
                                                slot.layout.rows(), slot.layout.steps() / 2))),
        values(model.layout().size()),
        gradient(model.layout().size()) {
    InitialiseParameters<double>(model.layout(), kSeed, values.span());
  }
  StepSums Run() {
    AlignedBuffer<double> fresh(gradient.size());
    std::swap(gradient, fresh);
    return model.ForwardBackward(slot, {kSeed, 1, 2}, values.data(), gradient.data(), &workspace);
  }
  GradientCheck Check() {
    Run();
    AlignedBuffer<double> analytic(gradient.size());
    std::copy_n(gradient.data(), gradient.size(), analytic.data());
    return CheckGradient([&] { return Run().loss; }, values.span(), analytic.span());
  }

  SmallEncoderModel<double> model;
  SlotBatch slot;
  Workspace workspace;
  AlignedBuffer<double> values;
  AlignedBuffer<double> gradient;
};

inline SmallModelOptions SymbolModel() {
  SmallModelOptions options;
  options.symbols = 5;
  options.classes = 3;
  options.layers = 2;
  options.hidden_size = 3;
  options.embedding_size = 4;
  return options;
}

}  // namespace lockstep
