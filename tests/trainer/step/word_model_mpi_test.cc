// Models of many words have the same bits on any number of ranks and threads: an embedding of which
// a step touches few rows, by itself and as the weight of the output, too.
#include <gtest/gtest.h>

#include "base/counter_rng.h"
#include "tests/support/small_model.h"
#include "trainer/step/train_step.h"

namespace lockstep {
namespace {

constexpr Index kSlots = 6, kWords = 700, kUnits = 24;

SmallModelOptions WordModel(bool tied) {
  SmallModelOptions options;
  options.symbols = kWords;
  options.classes = kWords;
  options.cell = CellKind::kLstm;
  options.hidden_size = kUnits;
  options.bidirectional = false;
  options.embedding_size = kUnits;
  options.embedding_scale = 0.1;
  options.dropout = 0.2;
  options.head.tie_embeddings = tied;
  return options;
}

// The slots of a rank; the words are a function of slot and step. Some words are in most slots.
RankBatch Words(SlotRange range, Index step) {
  RankBatch batch;
  batch.slot_range = range;
  for (Index slot = range.first; slot < range.last; ++slot) {
    const CounterRng rng(1, RandomPurpose::kTest, static_cast<std::uint64_t>(100 * step + slot));
    SlotBatch part;
    part.fields.resize(2);
    part.layout = PackedLayout({9, 8, 2});
    for (Index row = 0; row < part.layout.rows(); ++row) {
      const auto at = static_cast<std::uint64_t>(2 * row);
      const auto most = row % 2 == 0 ? std::uint64_t{5} : std::uint64_t{kWords};
      part.fields[0].ids.push_back(static_cast<std::int32_t>(rng.Below(at, most)));
      part.fields[1].ids.push_back(static_cast<std::int32_t>(rng.Below(at + 1, most)));
    }
    batch.slots.push_back(std::move(part));
  }
  return batch;
}

// The parameters after some steps, and the loss of the last one.
std::vector<float> Train(const Communicator& comm, int threads, bool tied, double* loss) {
  const SmallEncoderModel<float> model(WordModel(tied));
  AlignedBuffer<float> values(model.layout().size());
  InitialiseParameters<float>(model.layout(), 1, values.span());
  TrainStep step(comm, model, {kSlots, threads, 1, TwoFieldBounds(3, 9, 19), true}, {}, {}, {}, 3);
  for (Index done = 0; done < 6; ++done) {
    const RankBatch batch = Words(step.worker().slot_range(), done);
    *loss =
        step.Run(batch, {.step = done, .update = done + 1, .learning_rate = 0.01}, values.span())
            .sums.loss;
  }
  step.FinishValues();
  return {values.data(), values.data() + values.size()};
}

TEST(WordModel, HasTheSameBitsOnAnyNumberOfRanksAndThreads) {
  for (const bool tied : {false, true}) {
    double alone_loss = 0, loss = 0;
    const std::vector<float> alone = Train(Communicator::Single(), 1, tied, &alone_loss);
    for (const int threads : {1, 2}) {
      EXPECT_TRUE(Train(Communicator::World(), threads, tied, &loss) == alone)
          << threads << " threads, tied " << tied;
      EXPECT_EQ(loss, alone_loss);
    }
  }
}

}  // namespace
}  // namespace lockstep
