#include "launch/doctor/known_answer.h"

#include <gnu/libc-version.h>

#include <algorithm>
#include <array>
#include <cfenv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/json_text.h"
#include "base/phase_timer.h"
#include "trainer/step/train_step.h"
#include "worker/kernels/amx.h"
#include "worker/kernels/bfloat16_route.h"
#include "worker/models/model_factory.h"

namespace lockstep {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Answer, what, threads, together, hash)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(RankAnswers, rank, host, isa, slots, library, c_library,
                                   plain_floats, answers, gigaflops, bfloat16_gain, amx_gain)

namespace {

constexpr Index kSlots = 8, kSteps = 4, kSymbols = 4, kClasses = 3;
constexpr std::uint64_t kSeed = 20;

struct Kind {
  const char* what;
  CellKind cell;
  Precision precision;
};
constexpr std::array<Kind, 6> kKinds = {
    {{"gru", CellKind::kGru, Precision::kFloat32},
     {"lstm", CellKind::kLstm, Precision::kFloat32},
     {"gru bf16", CellKind::kGru, Precision::kBfloat16},
     {"lstm bf16", CellKind::kLstm, Precision::kBfloat16},
     {"gru bf16-amx", CellKind::kGru, Precision::kBfloat16Amx},
     {"lstm bf16-amx", CellKind::kLstm, Precision::kBfloat16Amx}}};

std::unique_ptr<Model<float>> ModelOf(const Kind& kind) {
  ModelOptions all;
  EncoderOptions& options = all.encoder;
  options.cell = kind.cell;
  options.precision = kind.precision;
  options.layers = 2;
  options.hidden_size = 40;
  options.embedding_size = 12;
  options.dropout = 0.25;  // kept values are multiplied by 4/3
  const Vocabulary symbols{"symbols", std::vector<std::string>(kSymbols, "s"), {}, -1};
  const Vocabulary classes{"classes", std::vector<std::string>(kClasses, "c"), {}, -1};
  return MakeModel<float>(all, TwoFieldSchema({}, symbols, {}, classes));
}

// Draws multiples of 2^-10 in [-1/4, 1/4), which are the same floats with any C library.
void DrawValues(const ParameterLayout& layout, std::span<float> values) {
  const CounterRng rng(kSeed, RandomPurpose::kTest);
  for (const ParameterInfo& info : layout.infos()) {
    for (Index i = info.offset; i < info.offset + info.count(); ++i) {
      const auto drawn = static_cast<float>(rng.Below(static_cast<std::uint64_t>(i), 512));
      values[static_cast<std::size_t>(i)] = (drawn - 256.0f) * 0x1p-10f;
    }
  }
}

// The class of a step is a function of the last two symbols, so that there is something to learn.
SlotBatch SlotOf(Index slot, Index step) {
  SlotBatch batch;
  batch.fields.resize(2);
  batch.layout = PackedLayout({24 - step, 20, 9 + slot % 4, 5});
  const CounterRng rng(kSeed, RandomPurpose::kTest, 1 + static_cast<std::uint64_t>(step),
                       static_cast<std::uint64_t>(slot));
  for (Index row = 0; row < batch.layout.rows(); ++row) {
    const auto symbol = rng.Below(static_cast<std::uint64_t>(row), kSymbols);
    batch.fields[0].ids.push_back(static_cast<std::int32_t>(symbol));
    batch.fields[1].ids.push_back(static_cast<std::int32_t>((symbol * 2 + symbol / 3) % kClasses));
  }
  return batch;
}

RankBatch BatchOf(SlotRange range, Index step) {
  RankBatch batch;
  batch.slot_range = range;
  for (Index slot = range.first; slot < range.last; ++slot) {
    batch.slots.push_back(SlotOf(slot, step));
  }
  return batch;
}

// Collective over `comm`. Trains kSteps steps and returns the hash of the parameters.
std::string Train(const Communicator& comm, const Kind& kind, Index slots, int threads) {
  const std::unique_ptr<Model<float>> made = ModelOf(kind);
  const Model<float>& model = *made;
  AlignedBuffer<float> values(model.layout().size());
  DrawValues(model.layout(), values.span());
  const OptimizerOptions optimizer{.kind = OptimizerKind::kSgd, .momentum = 0.5};
  TrainStep step(comm, model, {slots, threads, kSeed, {4, 24, 96, {96, 96}, {24, 24}}, true},
                 optimizer, {}, {});
  for (Index i = 0; i < kSteps; ++i) {
    step.Run(BatchOf(step.worker().slot_range(), i), {i, i + 1, 0.25, 0}, values.span());
  }
  step.FinishValues();
  return HashParameters(model.layout(), values.span());
}

// Computes exponentials and logarithms like those of the loss. The arguments are volatile, so that
// the compiler cannot compute the results itself.
std::string LibraryFingerprint() {
  std::vector<float> values;
  for (int i = 1; i <= 4096; ++i) {
    const volatile float x = static_cast<float>(i) * 0x1p-8f;
    const volatile double y = static_cast<double>(x);
    values.push_back(std::exp(-x));
    values.push_back(std::log(x));
    values.push_back(static_cast<float>(std::exp(-y)));
    values.push_back(static_cast<float>(std::log(y)));
  }
  return Hash128Hex(std::as_bytes(std::span(values)));
}

// A library that was loaded earlier may have changed the rounding mode, or made the processor
// replace tiny numbers by zero.
bool FloatsArePlain() {
  const volatile float tiny = std::numeric_limits<float>::min(), half = 0.5f;
  const volatile float smaller = tiny * half;
  return std::fegetround() == FE_TONEAREST && smaller != 0 && smaller * 2.0f == tiny;
}

double GigaflopsOf(Workspace* workspace, const float* a, float* c) {
  constexpr Index kRows = 64, kDepth = 512, kColumns = 768;
  workspace->Rewind(0);
  const auto packed =
      Pack<float>(Precision::kFloat32, Op::kAsIs, kDepth, kColumns, a, kColumns, workspace);
  const double start = Seconds();
  Index turns = 0;
  while (Seconds() < start + 0.05) {
    Multiply<float>(kRows, a, kDepth, packed, false, c, kColumns, workspace);
    ++turns;
  }
  return 2e-9 * static_cast<double>(turns * kRows * kDepth * kColumns) / (Seconds() - start);
}

// Measures matrix products on all threads at the same time, with the shape of a recurrent step;
// takes the best of a few runs.
double MeasureGigaflops(int threads) {
  constexpr Index kElements = Index{512} * 768;
  std::vector<double> rates(static_cast<std::size_t>(threads));
  ThreadTeam team(threads);
  double best = 0;
  for (int turn = 0; turn < 3; ++turn) {
    team.Run([&](int member) {
      Workspace workspace(PackedBytes<float>(Precision::kFloat32, 512, 768) +
                          MultiplyBytes<float>(Precision::kFloat32, 512));
      AlignedBuffer<float> a(kElements), c(Index{64} * 768);
      rates[static_cast<std::size_t>(member)] = GigaflopsOf(&workspace, a.data(), c.data());
    });
    double sum = 0;
    for (double rate : rates) sum += rate;
    best = std::max(best, sum);
  }
  return best;
}

std::vector<int> ThreadCounts(int threads) {
  return threads == 1 ? std::vector<int>{1} : std::vector<int>{1, threads};
}

}  // namespace

RankAnswers FindAnswers(const Communicator& comm, const std::string& host, Isa isa, int threads,
                        PhaseWatch* watch) {
  RankAnswers found;
  found.rank = comm.rank();
  found.host = host;
  found.isa = IsaName(isa);
  found.slots = std::max<Index>(kSlots, Index{comm.size()} * threads);
  found.library = LibraryFingerprint();
  found.c_library = std::string("glibc ") + gnu_get_libc_version();
  found.plain_floats = FloatsArePlain();
  for (const Kind& kind : kKinds) {
    for (int count : ThreadCounts(threads)) {
      watch->Doing(fmt::format("training a {} alone on {} threads", kind.what, count));
      found.answers.push_back(
          {kind.what, count, false, Train(Communicator::Single(), kind, found.slots, count)});
    }
    CallRoll(comm, {}, watch);
    watch->Doing(fmt::format("training a {} with all ranks", kind.what));
    if (comm.size() > 1) {
      found.answers.push_back({kind.what, threads, true, Train(comm, kind, found.slots, threads)});
    }
  }
  CallRoll(comm, {}, watch);  // so that all ranks measure at the same time, as in training
  watch->Doing("measuring the speed of products");
  found.gigaflops = MeasureGigaflops(threads);
  found.bfloat16_gain = Bfloat16Gain(isa);
  found.amx_gain = AmxGain(isa);
  return found;
}

std::string ToJson(const RankAnswers& answers) { return JsonText(nlohmann::json(answers)); }

RankAnswers RankAnswersFromJson(const std::string& text) {
  return ParseJson(text).get<RankAnswers>();
}

}  // namespace lockstep
