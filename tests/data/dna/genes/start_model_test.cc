#include "data/dna/genes/start_model.h"

#include <gtest/gtest.h>

#include "base/counter_rng.h"

namespace lockstep {
namespace {

// Random bases with a site at a place, and a codon after them.
class Starts {
 public:
  StartSurroundings Make(const std::vector<int>& site, int bases_before_codon, int codon) {
    StartSurroundings start;
    for (auto& base : start.upstream) base = static_cast<std::uint8_t>(Draw(4));
    const int at = kUpstreamBases - bases_before_codon - static_cast<int>(site.size());
    for (std::size_t i = 0; i < site.size(); ++i)
      start.upstream[static_cast<std::size_t>(at) + i] = static_cast<std::uint8_t>(site[i]);
    start.codon = codon;
    return start;
  }
  std::uint32_t Draw(std::uint32_t below) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::uint32_t>(state_ >> 33) % below;
  }

 private:
  std::uint64_t state_ = 1;
};

const int kAtg = CodonOf(0, 3, 2), kGtg = CodonOf(2, 3, 2), kTtg = CodonOf(3, 3, 2);
constexpr std::array<double, 4> kEven = {0.25, 0.25, 0.25, 0.25};

TEST(StartModel, ExpectsShineDalgarnoSitesAndAtgBeforeItHasLearned) {
  const StartModel model{GeneticCode::FromNumber(11)};
  Starts starts;
  const auto with_site = starts.Make({0, 2, 2, 0, 2, 2}, 7, kAtg);
  EXPECT_GT(model.SiteScore(with_site), 3);
  auto far = with_site;
  std::rotate(far.upstream.begin(), far.upstream.begin() + 11, far.upstream.end());
  EXPECT_LT(model.SiteScore(far), model.SiteScore(with_site) - 2);
  EXPECT_GT(model.CodonScore(with_site), model.CodonScore(starts.Make({}, 0, kGtg)) + 1);
}

TEST(StartModel, LearnsOtherSitesAndCodons) {
  StartModel model{GeneticCode::FromNumber(11)};
  Starts starts;
  const std::vector<int> site = {3, 0, 3, 1, 0, 3};
  std::vector<StartSurroundings> seen;
  for (int i = 0; i < 3000; ++i)
    seen.push_back(
        starts.Make(site, 4 + static_cast<int>(starts.Draw(2)), starts.Draw(10) < 7 ? kTtg : kAtg));
  model.Learn(seen, {}, kEven);
  double with = 0, without = 0;
  for (int i = 0; i < 200; ++i) {
    with += model.SiteScore(starts.Make(site, 5, kAtg)) / 200;
    without += model.SiteScore(starts.Make({}, 0, kAtg)) / 200;
  }
  EXPECT_GT(with, 3);
  EXPECT_LT(without, 0);
  EXPECT_GT(model.CodonScore(starts.Make({}, 0, kTtg)),
            model.CodonScore(starts.Make({}, 0, kAtg)) + 0.5);
}

TEST(StartModel, FewGenesChangeLittle) {
  StartModel model{GeneticCode::FromNumber(11)};
  Starts starts;
  const auto start = starts.Make({0, 2, 2, 0, 2, 2}, 7, kAtg);
  const double before = model.SiteScore(start);
  model.Learn(std::vector<StartSurroundings>{starts.Make({3, 3, 3, 3, 3, 3}, 7, kTtg)}, {}, kEven);
  EXPECT_NEAR(model.SiteScore(start), before, 1);
  EXPECT_GT(model.CodonScore(start), model.CodonScore(starts.Make({}, 0, kTtg)));
}

}  // namespace
}  // namespace lockstep
