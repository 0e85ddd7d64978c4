#include <gtest/gtest.h>

#include <cmath>

#include "base/counter_rng.h"
#include "tests/worker/comm/placements.h"
#include "worker/comm/gradient_reducer.h"

namespace lockstep {
namespace {

constexpr Index kGrain = 64;

// Gradient of one slot: values of very different size, so that any other order of sums shows. Of
// the elements in `sparse`, few are not zero, others in each slot.
std::vector<float> SlotGradient(Index slot, Index count, const ElementRange& sparse) {
  const CounterRng rng(1, RandomPurpose::kTest, static_cast<std::uint64_t>(slot));
  std::vector<float> gradient;
  for (Index i = 0; i < count; ++i) {
    if (i >= sparse.begin && i < sparse.end && (i / 50 + slot) % 9 != 0) {
      gradient.push_back(0);
      continue;
    }
    const double size =
        std::ldexp(1.0, static_cast<int>(rng.Below(static_cast<std::uint64_t>(i), 40)));
    gradient.push_back(static_cast<float>(size * rng.Normal(static_cast<std::uint64_t>(i))));
  }
  return gradient;
}

// Subtree sums of a range of slots, as a worker makes them.
std::vector<std::vector<float>> Subtrees(Index slots, SlotRange range, Index count,
                                         const ElementRange& sparse) {
  auto adder = MakeTreeAdder<std::vector<float>>(
      slots, [](std::vector<float> a, const std::vector<float>& b) {
        for (std::size_t i = 0; i < a.size(); ++i) a[i] += b[i];
        return a;
      });
  for (Index s = range.first; s < range.last; ++s)
    adder.Push({0, s}, SlotGradient(s, count, sparse));
  std::vector<std::vector<float>> sums;
  for (const auto& entry : adder.entries()) sums.push_back(entry.second);
  return sums;
}

// Backward finishes the upper half first; what it ends with is the lowest part. No piece is
// exchanged in groups if these have no members.
PiecePlan PlanOf(const Communicator& comm, Index count, double replicated_share,
                 Index most_per_rank = 4 * kGrain, const ElementRange& sparse = {},
                 Index group_members = 0, Index ranks_per_host = 1) {
  const std::vector<ElementRange> stages = {
      {count / 2 + 7, count}, {count / 5, count / 2 + 7}, {0, count / 5}};
  return PiecePlan(stages, count, comm.size(),
                   {.grain = kGrain,
                    .replicated_share = replicated_share,
                    .most_per_rank = most_per_rank,
                    .least = most_per_rank / 2,
                    .sparse = sparse,
                    .in_groups_below = group_members > 0 ? count : 0,
                    .ranks_per_host = ranks_per_host,
                    .group_members = std::max<Index>(2, group_members)});
}

// One step of all ranks on the gradients of `slots` slots; compares with the serial tree.
class ReducerRun {
 public:
  ReducerRun(const Placement& placement, Index slots, Index count, double share,
             Index most_per_rank = 4 * kGrain, const ElementRange& sparse = {},
             Index group_members = 0, Index ranks_per_host = 1)
      : name_(placement.name),
        slots_(slots),
        sparse_(sparse),
        plan_(PlanOf(comm_, count, share, most_per_rank, sparse, group_members, ranks_per_host)),
        routes_(comm_.rank(), placement.host_of),
        reducer_(routes_, slots, plan_) {}
  // `start_and_poll` starts all pieces.
  template <typename Drive>
  void Step(const Drive& start_and_poll) {
    sums_ = Subtrees(slots_, DealSlots(slots_, comm_.rank(), comm_.size()), plan_.count(), sparse_);
    std::vector<float*> mine;
    for (std::vector<float>& sum : sums_) mine.push_back(sum.data());
    reducer_.Begin(mine);
    start_and_poll(plan_, &reducer_);
    reducer_.FinishSums(&team_);
    comm_.Barrier();  // as a step's norm does: nobody polls in here
    reducer_.FinishReplicas();
    Compare(Subtrees(slots_, {0, slots_}, plan_.count(), sparse_)[0]);
  }

 private:
  void Compare(const std::vector<float>& expected) {
    for (const Piece& piece : plan_.pieces()) {
      const ElementRange mine = piece.UpdatedBy(comm_.rank());
      for (Index i = mine.begin; i < mine.end; ++i) {
        ASSERT_EQ(reducer_.sum()[i], expected[static_cast<std::size_t>(i)])
            << name_ << ", " << slots_ << " slots, element " << i << " on rank " << comm_.rank();
      }
      const ElementRange own = piece.OwnedBy(comm_.rank());
      for (Index i = own.begin; i < own.end; i += kGrain) {
        ASSERT_EQ(reducer_.block_squares()[static_cast<std::size_t>(i / kGrain)],
                  BlockSquares(expected.data() + i, std::min(kGrain, own.end - i)));
      }
    }
  }

  Communicator comm_ = Communicator::World();
  ThreadTeam team_{2};
  std::string name_;
  Index slots_;
  ElementRange sparse_;
  PiecePlan plan_;
  HostRoutes routes_;
  GradientReducer reducer_;
  std::vector<std::vector<float>> sums_;
};

void StartAll(const PiecePlan& plan, GradientReducer* reducer) {
  for (std::size_t piece : plan.finish_order()) reducer->Start(piece);
}

// Bit for bit what one rank gets, for slot counts that do and do not divide evenly, and for fewer
// slots than ranks.
TEST(GradientReducerMpi, GivesTheBitsOfOneRank) {
  const Placement one_level = Placements(Communicator::World().size())[0];
  for (Index slots : {1, 3, 8, 9, 13, 16}) {
    for (Index count : {64, 640, 6400}) {
      for (double share : {0.0, 0.4, 1.0}) {
        ReducerRun run(one_level, slots, count, share);
        for (int repeat = 0; repeat < 2; ++repeat) run.Step(StartAll);
      }
    }
  }
}

// Hosts of one, several and unequally many ranks, in blocks and not.
TEST(GradientReducerMpi, GivesTheSameBitsHoweverRanksLieOnHosts) {
  for (const Placement& placement : Placements(Communicator::World().size())) {
    for (Index slots : {1, 2, 8, 13}) {
      ReducerRun run(placement, slots, 3200, 0.4);
      for (int repeat = 0; repeat < 2; ++repeat) run.Step(StartAll);
    }
  }
}

// An embedding, whose zeros do not travel.
TEST(GradientReducerMpi, GivesTheSameBitsWithoutTheZerosOfAnEmbedding) {
  for (const Placement& placement : Placements(Communicator::World().size())) {
    for (Index slots : {1, 8, 13}) {
      ReducerRun run(placement, slots, 12800, 0.4, 4 * kGrain, {0, 9000});
      for (int repeat = 0; repeat < 2; ++repeat) run.Step(StartAll);
    }
  }
}

// Small pieces, which go from level to level; ranks without slots and groups with a rank too many
// as well.
TEST(GradientReducerMpi, GivesTheSameBitsInGroupsOfRanks) {
  const int ranks = Communicator::World().size();
  const Placement one_level = Placements(ranks)[0];
  for (Index slots : {1, 13}) {
    for (Index group_members : {2, 4}) {
      const Index ranks_per_host = ranks % 2 == 0 ? group_members / 2 : 1;
      ReducerRun run(one_level, slots, 3200, 0.4, 4 * kGrain, {0, 900}, group_members,
                     ranks_per_host);
      for (int repeat = 0; repeat < 2; ++repeat) run.Step(StartAll);
    }
  }
}

// Some ranks are levels ahead of others.
TEST(GradientReducerMpi, GivesTheSameBitsInGroupsWhenRanksAreLate) {
  const int late = Communicator::World().rank() * 3;
  ReducerRun run(Placements(Communicator::World().size())[0], 11, 3200, 0.4, 16 * kGrain, {}, 2);
  for (int repeat = 0; repeat < 2; ++repeat) {
    run.Step([&](const PiecePlan& plan, GradientReducer* reducer) {
      for (std::size_t piece : plan.finish_order()) {
        for (int i = 0; i < late; ++i) reducer->Poll();
        reducer->Start(piece);
      }
    });
  }
}

// Ranks that finish their pieces at different times, as they do while backward runs.
TEST(GradientReducerMpi, GivesTheSameBitsWhenPiecesStartOneByOne) {
  const int late = Communicator::World().rank() * 3;
  const std::vector<Placement> placements = Placements(Communicator::World().size());
  for (std::size_t which : {0, 2}) {
    ReducerRun run(placements[which], 11, 6400, 0.4);
    for (int repeat = 0; repeat < 3; ++repeat) {
      run.Step([&](const PiecePlan& plan, GradientReducer* reducer) {
        for (std::size_t piece : plan.finish_order()) {
          for (int i = 0; i < late; ++i) reducer->Poll();
          reducer->Start(piece);
        }
      });
    }
  }
}

// Four subtrees for each partner are more messages than go at once, and each is too large for MPI
// to keep until its receiver asks for it.
TEST(GradientReducerMpi, BringsMoreMessagesThanGoAtOnce) {
  const std::vector<Placement> placements = Placements(Communicator::World().size());
  for (std::size_t which : {0, 2}) {
    ReducerRun run(placements[which], 61, 100000, 0.4, 16384);
    for (int repeat = 0; repeat < 2; ++repeat) run.Step(StartAll);
  }
}

// A step that throws its result away must leave the next one intact.
TEST(GradientReducerMpi, ReducesStepAfterStepWithoutReadingTheSum) {
  const Communicator comm = Communicator::World();
  ThreadTeam team(1);
  const PiecePlan plan = PlanOf(comm, 6400, 0.4);
  const HostRoutes routes = HostRoutes::OneLevel(comm.rank(), comm.size());
  GradientReducer reducer(routes, comm.size(), plan);
  for (float step = 1; step <= 20; ++step) {
    std::vector<float> gradient(6400, step);
    reducer.Reduce({gradient.data()}, &team);
    const ElementRange mine = plan.pieces().front().UpdatedBy(comm.rank());
    for (Index i = mine.begin; i < mine.end; ++i) {
      ASSERT_EQ(reducer.sum()[i], step * static_cast<float>(comm.size())) << "step " << step;
    }
  }
}

}  // namespace
}  // namespace lockstep
