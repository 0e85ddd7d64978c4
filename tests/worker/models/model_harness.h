// Models in double with a slot, for gradient checks.
#pragma once

#include <gtest/gtest.h>

#include <span>
#include <string>
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

// A model M in double with a slot; no byte of workspace more than it asked for.
template <typename M>
struct HarnessOf {
  // `bounds` hold for the slot; M is made from `arguments`.
  template <typename... Arguments>
  HarnessOf(SlotBatch batch, const SlotBounds& bounds, const Arguments&... arguments)
      : model(arguments...),
        slot(std::move(batch)),
        workspace(model.WorkspaceBytes(bounds)),
        values(model.layout().size()),
        gradient(model.layout().size()) {
    InitialiseParameters<double>(model.layout(), kSeed, values.span());
  }
  StepSums Run() {
    AlignedBuffer<double> fresh(gradient.size());
    std::swap(gradient, fresh);
    return model.ForwardBackward(slot, {kSeed, 1, 2}, values.data(), gradient.data(), &workspace);
  }
  GradientCheck Check(double width = kDifferenceWidth) {
    Run();
    AlignedBuffer<double> analytic(gradient.size());
    std::copy_n(gradient.data(), gradient.size(), analytic.data());
    return CheckGradient([&] { return Run().loss; }, values.span(), analytic.span(), width);
  }
  // The gradient of a parameter in the last Run.
  std::span<double> GradientOf(const std::string& name) {
    for (const ParameterInfo& info : model.layout().infos()) {
      if (info.name == name)
        return {gradient.data() + info.offset, static_cast<std::size_t>(info.count())};
    }
    ADD_FAILURE() << "no parameter " << name;
    return {};
  }

  M model;
  SlotBatch slot;
  Workspace workspace;
  AlignedBuffer<double> values;
  AlignedBuffer<double> gradient;
};

// A small model with random inputs and targets.
struct ModelHarness : HarnessOf<SmallEncoderModel<double>> {
  ModelHarness(const SmallModelOptions& options, const std::vector<Index>& lengths)
      : HarnessOf(RandomSlot(options, lengths), BoundsFor(PackedLayout(lengths)), options) {}

 private:
  static SlotBounds BoundsFor(const PackedLayout& layout) {
    return TwoFieldBounds(layout.sequences(), layout.steps(), layout.rows(), layout.steps() / 2);
  }
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
