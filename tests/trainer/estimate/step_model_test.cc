#include "trainer/estimate/step_model.h"

#include <gtest/gtest.h>

namespace lockstep {
namespace {

constexpr Index kSlots = 8;
constexpr Index kParameters = 1 << 20;
constexpr double kPayloadShare = 1448.0 / 1538.0;  // of an Ethernet frame
const StepCosts kCosts{.busy_threads = 1, .slot = 1.0, .add = 0.01, .update = 0.08};

Machines Cluster(int ranks) {
  Machines machines;
  machines.ranks = ranks;
  machines.bandwidth = 1e9;
  machines.latency = 0;
  return machines;
}

TEST(StepModel, OneRankComputesAllSlotsAndWaitsForNobody) {
  const StepPrediction step = PredictStep(kCosts, Cluster(1), kSlots, kParameters);
  EXPECT_DOUBLE_EQ(step.compute, 8 * 1.0 + 7 * 0.01 + 0.08);
  EXPECT_EQ(step.communicate, 0);
  EXPECT_DOUBLE_EQ(step.efficiency, 1);
}

TEST(StepModel, TheRankWithMostSlotsDecides) {
  const double even = PredictStep(kCosts, Cluster(4), kSlots, kParameters).compute;
  EXPECT_DOUBLE_EQ(even, 2 * 1.0 + (1 + 3.0 / 4) * 0.01 + 0.08 / 4);
  const double uneven = PredictStep(kCosts, Cluster(3), kSlots, kParameters).compute;
  EXPECT_DOUBLE_EQ(uneven, 3 * 1.0 + (2 + 2.0 / 3) * 0.01 + 0.08 / 3);
}

// Half of the sums and half of the parameters leave a rank of two; of a third of the parameters the
// sums go out instead of the values. Nothing hides it where computing takes no time.
TEST(StepModel, SumsAndParametersCrossTheLinkOnce) {
  const double seconds = PredictStep({}, Cluster(2), kSlots, kParameters).communicate;
  EXPECT_DOUBLE_EQ(seconds, 4.0 * kParameters * 8 / (1e9 * kPayloadShare));
}

// All sums to everybody is twice all sums to their owners; the last piece of values counts besides.
TEST(StepModel, TheConfiguredShareIsReplicated) {
  Machines owners = Cluster(2);
  owners.replicated_share = 0;
  Machines replicas = owners;
  replicas.replicated_share = 1;
  EXPECT_EQ(ReplicatedShare(owners), 0);
  EXPECT_EQ(ReplicatedShare(replicas), 1);
  const double exact = 4.0 * kParameters * 8 / (1e9 * kPayloadShare);
  EXPECT_DOUBLE_EQ(PredictStep({}, owners, kSlots, kParameters).communicate, exact);
  EXPECT_GT(PredictStep({}, replicas, kSlots, kParameters).communicate, exact);
}

// Slots 0 to 2, 3 to 5, 6 and 7: the first rank has the sums of 0-1 and of 2 to send.
TEST(StepModel, ARankSendsEachSubtreeThatItOwns) {
  const double seconds = PredictStep({}, Cluster(3), kSlots, kParameters).communicate;
  EXPECT_DOUBLE_EQ(seconds, (2 + 1) * 2.0 / 3 * 4.0 * kParameters * 8 / (1e9 * kPayloadShare));
}

TEST(StepModel, RanksOfAHostShareItsLinkAndNotItsMemory) {
  Machines one_host = Cluster(4);
  one_host.ranks_per_host = 4;
  EXPECT_EQ(PredictStep({}, one_host, kSlots, kParameters).communicate, 0);
  Machines two_hosts = Cluster(4);
  two_hosts.ranks_per_host = 2;
  two_hosts.host_level = false;
  const double seconds = PredictStep({}, two_hosts, kSlots, kParameters).communicate;
  EXPECT_DOUBLE_EQ(seconds, 2 * 2 * 0.5 * 4.0 * kParameters * 8 / (1e9 * kPayloadShare));
}

TEST(StepModel, RanksOfAHostSendTheirSumOnce) {
  Machines two_hosts = Cluster(8);
  two_hosts.ranks_per_host = 4;
  const double seconds = PredictStep({}, two_hosts, kSlots, kParameters).communicate;
  EXPECT_DOUBLE_EQ(seconds, 2 * 0.5 * 4.0 * kParameters * 8 / (1e9 * kPayloadShare));
}

// Slots 0 to 2 and 3 to 5, 6 to 7: the first host has the sums of 0-3 and of 4-5, the other one.
TEST(StepModel, AHostSendsEachSubtreeThatItsRanksOwnTogether) {
  Machines hosts = Cluster(3);
  hosts.ranks_per_host = 2;
  hosts.replicated_share = 0;
  const double seconds = PredictStep({}, hosts, kSlots, kParameters).communicate;
  EXPECT_DOUBLE_EQ(seconds, (2 + 1) / 3.0 * 4.0 * kParameters * 8 / (1e9 * kPayloadShare));
}

// A piece of sums and one of values are left: 2^17 elements a rank, of which half leave.
TEST(StepModel, ALongBackwardHidesAllButTheLastPieces) {
  const double seconds = PredictStep(kCosts, Cluster(2), kSlots, kParameters).communicate;
  EXPECT_DOUBLE_EQ(seconds, 2 * (1 << 17) * 4.0 * 8 / (1e9 * kPayloadShare));
}

TEST(StepModel, WithoutOverlapNothingIsHidden) {
  Machines machines = Cluster(2);
  machines.overlap = false;
  const double seconds = PredictStep(kCosts, machines, kSlots, kParameters).communicate;
  EXPECT_DOUBLE_EQ(seconds, 4.0 * kParameters * 8 / (1e9 * kPayloadShare));
}

TEST(StepModel, WaitsGrowWithTheLogarithmOfTheRanks) {
  Machines far = Cluster(8);
  far.latency = 1e-3;
  const double waits = PredictStep(kCosts, far, kSlots, kParameters).communicate -
                       PredictStep(kCosts, Cluster(8), kSlots, kParameters).communicate;
  EXPECT_NEAR(waits, (2 * 3 + 2) * 1e-3, 1e-12);
}

// Three levels of groups of four, in which both the sums and the values of a small model travel.
TEST(StepModel, SmallModelsOfManyRanksWaitForEachLevelOfGroups) {
  constexpr Index kSmall = 183000, kLarge = 64 << 12;
  const auto waits = [](Index parameters) {
    Machines far = Cluster(64);
    far.latency = 1e-3;
    return PredictStep(kCosts, far, 64, parameters).communicate -
           PredictStep(kCosts, Cluster(64), 64, parameters).communicate;
  };
  EXPECT_NEAR(waits(kSmall), (2 * 6 + 2 * 3) * 1e-3, 1e-12);
  EXPECT_NEAR(waits(kLarge), (2 * 6 + 2 * 1) * 1e-3, 1e-12);
}

TEST(StepModel, EvenHostsAreFilledOneAfterAnother) {
  EXPECT_EQ(EvenRanksPerHost(8, 8, true), 8);
  EXPECT_EQ(EvenRanksPerHost(8, 16, false), 8);
  EXPECT_EQ(EvenRanksPerHost(8, 4, true), 4);
  EXPECT_EQ(EvenRanksPerHost(8, 4, false), 1);
  EXPECT_EQ(EvenRanksPerHost(6, 4, true), 0);
}

// Half of the sums, of a third of them copies, and of the other values leave a rank of two, and as
// many arrive. While the last pieces travel, a quarter of them, the core has nothing else to do.
TEST(StepModel, HiddenBytesTakeTimeOfTheCore) {
  Machines machines = Cluster(2);
  const double before = PredictStep(kCosts, machines, kSlots, kParameters).compute;
  machines.byte_seconds = 1e-9;
  const double bytes = 2 * 0.5 * 4.0 * 2 * kParameters;
  EXPECT_NEAR(PredictStep(kCosts, machines, kSlots, kParameters).compute - before,
              0.75 * bytes * 1e-9, 1e-12);
}

// The costs of computing were measured on cores that are shared, the time for a byte was not.
TEST(StepModel, RanksThatShareACoreTakeTurnsWithTheirBytes) {
  StepCosts measured = kCosts;
  measured.busy_threads = 4;
  const auto seconds_for_bytes = [&](Index cores) {
    Machines machines = Cluster(4);
    machines.cores = cores;
    const double before = PredictStep(measured, machines, kSlots, kParameters).compute;
    machines.byte_seconds = 1e-9;
    return PredictStep(measured, machines, kSlots, kParameters).compute - before;
  };
  EXPECT_GT(seconds_for_bytes(4), 0);
  EXPECT_NEAR(seconds_for_bytes(2), 2 * seconds_for_bytes(4), 1e-12);
}

TEST(StepModel, ACoreThatWaitsForItsLinkHasTimeForTheBytes) {
  Machines machines = Cluster(2);
  machines.overlap = false;
  const double before = PredictStep(kCosts, machines, kSlots, kParameters).compute;
  machines.byte_seconds = 1e-9;
  EXPECT_DOUBLE_EQ(PredictStep(kCosts, machines, kSlots, kParameters).compute, before);
}

TEST(StepModel, FewerCoresThanThreadsTakeTurns) {
  Machines crowded = Cluster(4);
  const double alone = PredictStep(kCosts, crowded, kSlots, kParameters).compute;
  crowded.cores = 2;
  EXPECT_DOUBLE_EQ(PredictStep(kCosts, crowded, kSlots, kParameters).compute, 2 * alone);
  StepCosts measured_crowded = kCosts;
  measured_crowded.busy_threads = 4;
  EXPECT_DOUBLE_EQ(PredictStep(measured_crowded, crowded, kSlots, kParameters).compute, alone);
}

}  // namespace
}  // namespace lockstep
