// A slot computed in parts, each from the state that the one before has left: forward the same bits
// as the whole; backward the derivative with the carried state held fixed.
#include <gtest/gtest.h>

#include <cstring>

#include "base/counter_rng.h"
#include "data/stream/sequence_parts.h"
#include "tests/support/gradient_check.h"
#include "tests/support/small_model.h"

namespace lockstep {
namespace {

constexpr double kGradientTolerance = 1e-7;  // what central differences in double leave
constexpr std::uint64_t kSeed = 5;
const std::vector<Index> kLengths = {11, 9, 9, 6, 4, 1};
constexpr Index kPartSteps = 4;

SmallModelOptions Model(CellKind cell, bool recompute = false) {
  SmallModelOptions options;
  options.symbols = 5;
  options.classes = 3;
  options.cell = cell;
  options.layers = 2;
  options.hidden_size = 3;
  options.embedding_size = 4;
  options.bidirectional = false;
  options.recompute = recompute;
  return options;
}

RankBatch Whole() {
  const CounterRng rng(kSeed, RandomPurpose::kTest);
  RankBatch whole;
  whole.slots.resize(1);
  SlotBatch& slot = whole.slots[0];
  slot.fields.resize(2);
  slot.layout = PackedLayout(kLengths);
  for (Index row = 0; row < slot.layout.rows(); ++row) {
    const auto at = static_cast<std::uint64_t>(2 * row);
    slot.fields[0].ids.push_back(static_cast<std::int32_t>(rng.Below(at, 5)));
    slot.fields[1].ids.push_back(static_cast<std::int32_t>(rng.Below(at + 1, 3)));
  }
  slot.sample_ids.resize(kLengths.size());
  return whole;
}

PlannedBatch Plan() {
  PlannedBatch planned;
  planned.slots.resize(1);
  for (const Index length : kLengths) planned.slots[0].push_back({0, 0, length});
  return planned;
}

SlotBatch Part(Index part) {
  RankBatch batch;
  batch.slots.resize(1);
  SequenceParts(kPartSteps, SchemaOf(Model(CellKind::kGru))).Cut(Plan(), Whole(), part, &batch);
  return std::move(batch.slots[0]);
}

template <typename S>
struct Harness {
  explicit Harness(const SmallModelOptions& options)
      : model(options),
        workspace(model.WorkspaceBytes(TwoFieldBounds(6, 11, 40))),
        values(model.layout().size()),
        state_size(model.carried().arrays * 6 * model.carried().width) {
    InitialiseParameters<S>(model.layout(), kSeed, values.span());
  }
  std::vector<S> Logits(const SlotBatch& slot, const CarriedStates<S>& carried = {}) {
    const Index mark = workspace.used_bytes();
    const S* const logits = model.Score(slot, values.data(), &workspace, nullptr, carried).values;
    std::vector<S> copy(logits, logits + slot.layout.rows() * 3);
    workspace.Rewind(mark);
    return copy;
  }
  // What the parts before `part` leave.
  std::vector<S> StateBefore(Index part) {
    std::vector<S> state(static_cast<std::size_t>(state_size));
    for (Index i = 0; i < part; ++i) {
      std::vector<S> left(state.size());
      Logits(Part(i), {i == 0 ? nullptr : state.data(), left.data(), 6});
      state = left;
    }
    return state;
  }

  SmallEncoderModel<S> model;
  Workspace workspace;
  AlignedBuffer<S> values;
  Index state_size;
};

class EncoderModelParts : public testing::TestWithParam<CellKind> {};

TEST_P(EncoderModelParts, GiveTheBitsOfTheWholeForward) {
  for (const bool recompute : {false, true}) {
    Harness<float> h(Model(GetParam(), recompute));
    const std::vector<float> whole = h.Logits(Whole().slots[0]);
    std::vector<float> parts;
    for (Index part = 0; part < 3; ++part) {
      const std::vector<float> state = h.StateBefore(part);
      const auto logits = h.Logits(Part(part), {part == 0 ? nullptr : state.data(), nullptr, 6});
      parts.insert(parts.end(), logits.begin(), logits.end());
    }
    ASSERT_EQ(parts.size(), whole.size());
    EXPECT_EQ(std::memcmp(parts.data(), whole.data(), whole.size() * sizeof(float)), 0);
  }
}

struct PartGradient {
  PartGradient(const SmallModelOptions& options, Index part)
      : h(options), slot(Part(part)), state(h.StateBefore(part)) {}
  double Run(AlignedBuffer<double>* gradient) {
    *gradient = AlignedBuffer<double>(h.values.size());
    return h.model
        .ForwardBackward(slot, {kSeed, 1, 2}, h.values.data(), gradient->data(), &h.workspace,
                         nullptr, {state.data(), nullptr, 6})
        .loss;
  }
  Harness<double> h;
  SlotBatch slot;
  std::vector<double> state;
};

TEST_P(EncoderModelParts, HaveTheDerivativeWithTheCarriedStateHeldFixed) {
  for (const Index part : {1, 2}) {
    PartGradient of(Model(GetParam()), part);
    AlignedBuffer<double> analytic, ignored;
    of.Run(&analytic);
    const GradientCheck check =
        CheckGradient([&] { return of.Run(&ignored); }, of.h.values.span(), analytic.span(),
                      IsNormalised(GetParam()) ? kNarrowDifference : kDifferenceWidth);
    EXPECT_LE(check.worst_error, kGradientTolerance) << "part " << part << " " << check;
  }
}

TEST_P(EncoderModelParts, NeedTheirState) {
  PartGradient of(Model(GetParam()), 1);
  AlignedBuffer<double> with, without;
  const double loss = of.Run(&with);
  std::fill(of.state.begin(), of.state.end(), 0.0);
  EXPECT_NE(of.Run(&without), loss);
}

TEST_P(EncoderModelParts, HaveTheSameGradientWhenGatesAreComputedAgain) {
  AlignedBuffer<double> kept, again;
  PartGradient(Model(GetParam()), 1).Run(&kept);
  PartGradient(Model(GetParam(), true), 1).Run(&again);
  EXPECT_EQ(std::memcmp(kept.data(), again.data(), kept.span().size_bytes()), 0);
}

INSTANTIATE_TEST_SUITE_P(EachCell, EncoderModelParts,
                         testing::Values(CellKind::kRnnTanh, CellKind::kGru,
                                         CellKind::kGruResetBefore, CellKind::kLstm,
                                         CellKind::kGruLn, CellKind::kLstmLn),
                         [](const auto& cell) { return CellName(cell.param); });

}  // namespace
}  // namespace lockstep
