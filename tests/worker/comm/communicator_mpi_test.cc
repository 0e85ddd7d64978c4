#include <gtest/gtest.h>

#include <string>

#include "worker/comm/communicator.h"

namespace lockstep {
namespace {

// Element i of rank r's data; no two are alike.
float Element(int rank, Index i) { return static_cast<float>(1000 * rank + i); }

class CommunicatorMpi : public testing::Test {
 protected:
  // Rank r's segment has r + 1 elements.
  Segments Growing() const {
    Segments segments{{0}};
    for (Index r = 0; r < comm.size(); ++r) {
      segments.offsets.push_back(segments.offsets.back() + r + 1);
    }
    return segments;
  }
  const Communicator comm = Communicator::World();
};

TEST_F(CommunicatorMpi, MinAndMaxSeeEveryRank) {
  EXPECT_EQ(comm.Max(comm.rank() * 10), (comm.size() - 1) * 10);
  EXPECT_EQ(comm.Min(5 - comm.rank()), 5 - (comm.size() - 1));
}

TEST_F(CommunicatorMpi, BroadcastGivesEveryoneRootsText) {
  std::string text = comm.rank() == 0 ? "from rank 0" : "something longer that is replaced";
  comm.Broadcast(&text);
  EXPECT_EQ(text, "from rank 0");
  text = comm.rank() == 0 ? "" : "not empty";
  comm.Broadcast(&text);
  EXPECT_EQ(text, "");
}

TEST_F(CommunicatorMpi, AllGatherJoinsSegmentsOfDifferentSizes) {
  const Segments segments = Growing();
  std::vector<double> mine;
  for (Index i = 0; i <= comm.rank(); ++i) mine.push_back(Element(comm.rank(), i));
  std::vector<double> all(static_cast<std::size_t>(segments.offsets.back()), -1);
  comm.AllGather(mine, segments, all.data());
  for (int r = 0; r < comm.size(); ++r) {
    for (Index i = 0; i < segments.count(r); ++i) {
      EXPECT_EQ(all[static_cast<std::size_t>(segments.begin(r) + i)], Element(r, i))
          << r << " " << i;
    }
  }
}

TEST_F(CommunicatorMpi, AllGatherInPlaceFillsTheOthersSegments) {
  const Segments segments = Growing();
  std::vector<float> values(static_cast<std::size_t>(segments.offsets.back()), -1);
  for (Index i = 0; i < segments.count(comm.rank()); ++i) {
    values[static_cast<std::size_t>(segments.begin(comm.rank()) + i)] = Element(comm.rank(), i);
  }
  comm.AllGatherInPlace(segments, values.data());
  for (int r = 0; r < comm.size(); ++r) {
    EXPECT_EQ(values[static_cast<std::size_t>(segments.begin(r))], Element(r, 0));
  }
}

TEST_F(CommunicatorMpi, ScatterIsTheInverseOfGather) {
  const Segments segments = Growing();
  std::vector<float> mine(static_cast<std::size_t>(segments.count(comm.rank())));
  for (std::size_t i = 0; i < mine.size(); ++i)
    mine[i] = Element(comm.rank(), static_cast<Index>(i));
  std::vector<float> all(static_cast<std::size_t>(segments.offsets.back()));
  comm.GatherToRoot(mine, segments, all.data());
  std::vector<float> back(mine.size(), -1);
  comm.ScatterFromRoot(all.data(), segments, back);
  EXPECT_EQ(back, mine);
}

TEST_F(CommunicatorMpi, ExchangeBringsEachRankItsSegmentOfEverySender) {
  const int P = comm.size(), me = comm.rank();
  const Segments segments = DivideIntoSegments(10 * P, 10, P);
  std::vector<float> send;
  for (Index i = 0; i < 10 * P; ++i) send.push_back(Element(me, i));
  // Even ranks send; what comes from rank q is put at 10 q.
  std::vector<Index> offsets;
  for (int q = 0; q < P; ++q) offsets.push_back(q % 2 == 0 ? 10 * q : -1);
  std::vector<float> received(static_cast<std::size_t>(10 * P), -1);
  comm.Exchange(send.data(), me % 2 == 0, segments, received.data(), offsets);
  for (int q = 0; q < P; ++q) {
    const float expected = q % 2 == 0 ? Element(q, 10 * me) : -1;
    EXPECT_EQ(received[static_cast<std::size_t>(10 * q)], expected) << "from rank " << q;
  }
}

}  // namespace
}  // namespace lockstep
