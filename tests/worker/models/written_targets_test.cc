#include "worker/models/written_targets.h"

#include <gmock/gmock.h>

#include "data/batch/pack_ids.h"

namespace lockstep {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::int32_t kEnd = 0, kStart = 4, kClasses = 5;

// Counts down from the first id of its source; id 3 stands for a model that never ends.
class CountingStepper : public TokenStepper<float> {
 public:
  Index classes() const override { return kClasses; }
  void Begin(const SlotBatch& source) override {
    states_.assign(source.fields[0].ids.begin(),
                   source.fields[0].ids.begin() + source.layout.sequences());
    begins_ = true;
  }
  std::span<const float> Step(std::span<const Index> previous,
                              std::span<const std::int32_t> tokens) override {
    std::vector<std::int32_t> next;
    for (std::size_t r = 0; r < previous.size(); ++r) {
      const std::int32_t state = states_[static_cast<std::size_t>(previous[r])];
      EXPECT_EQ(tokens[r], begins_ ? kStart : state) << "reads what was written";
      next.push_back(begins_ || state == 3 ? state : state - 1);
    }
    begins_ = false;
    states_ = next;
    logits_.assign(next.size() * kClasses, 0);
    for (std::size_t r = 0; r < next.size(); ++r)
      logits_[r * kClasses + static_cast<std::size_t>(next[r])] = 1;
    return logits_;
  }
  std::span<const float> Attention(Index /*row*/) const override { return {}; }

 private:
  std::vector<std::int32_t> states_;
  std::vector<float> logits_;
  bool begins_ = true;
};

std::vector<std::vector<std::int32_t>> Write(
    const std::vector<std::vector<std::int32_t>>& sources) {
  std::vector<IdSequence<std::int32_t>> sequences;
  for (const auto& ids : sources) sequences.push_back({sequences.size(), ids});
  CountingStepper stepper;
  return WriteTargets<float>(PackIds(sequences), kStart, kEnd, &stepper, nullptr);
}

TEST(WriteTargets, SequencesEndEachAtItsTime) {
  EXPECT_THAT(Write({{1, 1, 1}, {2, 2}, {0}}),
              ElementsAre(ElementsAre(1), ElementsAre(2, 1), IsEmpty()));
}

TEST(WriteTargets, ASequenceWithoutAnEndIsGivenUp) {
  const auto written = Write({{3, 3}, {1}});
  EXPECT_THAT(written[0], SizeIs(2 * 2 + 10));
  EXPECT_THAT(written[0], Each(3));
  EXPECT_THAT(written[1], ElementsAre(1));
}

TEST(WriteTargets, OfNoSequencesIsNothing) {
  CountingStepper stepper;
  EXPECT_THAT(WriteTargets<float>(SlotBatch{}, kStart, kEnd, &stepper, nullptr), IsEmpty());
}

}  // namespace
}  // namespace lockstep
