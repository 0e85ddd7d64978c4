#include "worker/comm/piece_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace lockstep {
namespace {

constexpr Index kGrain = 64;
// Head, two directions of a layer, and an embedding that shares a block with the layer.
constexpr Index kCount = 100 * kGrain;
const std::vector<ElementRange> kStages = {
    {90 * kGrain, kCount}, {20, 40 * kGrain + 5}, {40 * kGrain + 5, 90 * kGrain}, {0, 20}};

PieceOptions Small(double share = 0) {
  return {
      .grain = kGrain, .replicated_share = share, .most_per_rank = 8 * kGrain, .least = 2 * kGrain};
}

void ExpectOwnedOnce(const Piece& piece) {
  std::vector<ElementRange> segments;
  for (const ElementRange& owned : piece.segments) {
    if (owned.count() > 0) segments.push_back(owned);
  }
  std::sort(segments.begin(), segments.end(),
            [](const ElementRange& a, const ElementRange& b) { return a.begin < b.begin; });
  Index end = piece.range.begin;
  for (const ElementRange& segment : segments) {
    EXPECT_EQ(segment.begin, end);
    end = segment.end;
  }
  EXPECT_EQ(end, piece.range.end);
}

TEST(PiecePlan, CoversEverythingOnceInForwardOrder) {
  for (int ranks : {1, 2, 3, 7, 64}) {
    const PiecePlan plan(kStages, kCount, ranks, Small());
    Index end = 0;
    for (const Piece& piece : plan.pieces()) {
      EXPECT_EQ(piece.range.begin, end);
      EXPECT_EQ(piece.range.begin % kGrain, 0);
      end = piece.range.end;
      for (int r = 0; r < ranks; ++r) EXPECT_LE(piece.OwnedBy(r).count(), 8 * kGrain);
      ExpectOwnedOnce(piece);
    }
    EXPECT_EQ(end, kCount);
  }
}

TEST(PiecePlan, APieceWaitsForTheLastStageThatTouchesIt) {
  const PiecePlan plan(kStages, kCount, 2, Small());
  for (const Piece& piece : plan.pieces()) {
    for (std::size_t stage = 0; stage < kStages.size(); ++stage) {
      const bool touches =
          kStages[stage].begin < piece.range.end && piece.range.begin < kStages[stage].end;
      EXPECT_TRUE(!touches || stage <= piece.stage) << "piece at " << piece.range.begin;
    }
  }
  EXPECT_EQ(plan.pieces().front().stage, 3u);
  EXPECT_EQ(plan.pieces().front().range.end, kGrain);  // the embedding delays only its block
  EXPECT_EQ(plan.pieces().back().stage, 0u);
}

TEST(PiecePlan, FinishOrderFollowsTheStages) {
  const PiecePlan plan(kStages, kCount, 2, Small());
  std::size_t stage = 0;
  for (std::size_t piece : plan.finish_order()) {
    EXPECT_GE(plan.pieces()[piece].stage, stage);
    stage = plan.pieces()[piece].stage;
  }
  const std::set<std::size_t> all(plan.finish_order().begin(), plan.finish_order().end());
  EXPECT_EQ(all.size(), plan.pieces().size());
}

TEST(PiecePlan, ReplicatesWhatIsFinishedFirstUpToItsShare) {
  const PiecePlan plan(kStages, kCount, 2, Small(0.3));
  Index replicated = 0;
  bool seen_owned = false;
  for (std::size_t which : plan.finish_order()) {
    const Piece& piece = plan.pieces()[which];
    EXPECT_FALSE(piece.replicated && seen_owned);
    seen_owned |= !piece.replicated;
    if (!piece.replicated) continue;
    replicated += piece.range.count();
    EXPECT_EQ(piece.UpdatedBy(1), piece.range);
  }
  EXPECT_LE(replicated, kCount * 3 / 10);
  EXPECT_GE(replicated, kCount * 2 / 10);
  const PiecePlan alone(kStages, kCount, 1, Small(1));
  for (const Piece& piece : alone.pieces()) {
    EXPECT_FALSE(piece.replicated) << "one rank owns everything anyway";
  }
}

// Each of many ranks sends each other one a message of every piece.
TEST(PiecePlan, MessagesStayLargeWhenRanksAreMany) {
  constexpr Index kMillions = Index{12} << 20;
  constexpr Index kFew = Index{1} << 13, kMany = Index{1} << 14;
  for (const auto& [ranks, least] : {std::pair{2, kFew}, {16, kFew}, {17, kMany}, {256, kMany}}) {
    const PiecePlan plan({{0, kMillions}}, kMillions, ranks, PiecesFor(ranks, 1, kGrain));
    for (const Piece& piece : plan.pieces()) {
      EXPECT_GE(piece.range.count() / ranks, least / 2) << ranks << " ranks";
    }
  }
}

// What is a small piece depends on the number of ranks alone, as there are no other options.
TEST(PiecePlan, ManyRanksExchangeSmallPiecesInGroups) {
  constexpr Index kSmall = 183 * kGrain;
  const auto in_groups = [](Index count, int ranks, int ranks_per_host) {
    const PiecePlan plan({{0, count}}, count, ranks, PiecesFor(ranks, ranks_per_host, kGrain));
    for (const Piece& piece : plan.pieces()) ExpectOwnedOnce(piece);
    return plan.pieces()[0].in_groups;
  };
  EXPECT_TRUE(in_groups(kSmall, 64, 1));
  EXPECT_TRUE(in_groups(kSmall, 67, 1));
  EXPECT_TRUE(in_groups(kSmall, 64, 16));
  EXPECT_TRUE(in_groups(kSmall, 64, 64));
  EXPECT_FALSE(in_groups(kSmall, 63, 1)) << "few ranks";
  EXPECT_FALSE(in_groups(Index{1} << 18, 64, 1)) << "a large piece";
  EXPECT_FALSE(in_groups(kSmall, 64, 0)) << "ranks are placed unevenly";
}

TEST(PiecePlan, ATinyModelIsOnePiece) {
  const PiecePlan plan({{30, 64}, {0, 30}}, 2 * kGrain, 4, {.grain = kGrain});
  ASSERT_EQ(plan.pieces().size(), 1u);
  EXPECT_EQ(plan.pieces()[0].stage, 1u);
}

}  // namespace
}  // namespace lockstep
