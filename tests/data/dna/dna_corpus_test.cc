#include "data/dna/dna_corpus.h"

#include <gtest/gtest.h>

#include "data/corpus/shard_reader.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

// A genome whose labels are position % 3, cut, and written down again: "split inputs/targets" of
// each sample, targets as digits, "-" where ignored.
class WindowCutterTest : public testing::Test {
 protected:
  std::vector<std::string> Cut(const std::vector<Index>& records, const DnaCutOptions& options,
                               std::size_t piece) {
    const TempFolder folder;
    Index bases = 0;
    for (Index record : records) bases += record;
    CorpusWriter writer(folder.path(), DnaCorpusHeader(options), DnaSplits());
    WindowCutter cutter(writer, ResolveRanges(options.ranges, bases), options);
    Index position = 0;
    for (Index record : records) {
      std::vector<std::uint8_t> codes, labels;
      for (Index i = 0; i < record; ++i, ++position) {
        codes.push_back(static_cast<std::uint8_t>(position % 4));
        labels.push_back(static_cast<std::uint8_t>(position % 3));
      }
      for (std::size_t at = 0; at < codes.size(); at += piece) {
        const std::size_t size = std::min(piece, codes.size() - at);
        cutter.Add(std::span(codes).subspan(at, size), std::span(labels).subspan(at, size));
      }
      cutter.EndRecord();
    }
    return Describe(folder.path(), writer.Finish("{}"));
  }
  static std::vector<std::string> Describe(const std::string& folder, const CorpusInfo& info) {
    std::vector<std::string> samples;
    for (const auto& [name, split] : info.splits) {
      for (const ShardInfo& shard : split.shards) {
        ShardReader reader(folder, info, shard);
        for (Index r = 0; r < reader.sequences(); ++r) {
          std::string text = name + " ";
          for (std::byte b : reader.Read(0, r)) text += "ACGTN"[std::to_integer<int>(b)];
          text += "/";
          for (std::byte b : reader.Read(1, r)) {
            const int target = std::to_integer<int>(b);
            text += target == kIgnoredTargetByte ? '-' : static_cast<char>('0' + target);
          }
          samples.push_back(text);
        }
      }
    }
    return samples;
  }
  // All to one split.
  static DnaCutOptions Options(Index window, Index overlap) {
    DnaCutOptions options;
    options.ranges.train = "1-";
    options.window = window;
    options.overlap = overlap;
    return options;
  }
  using Samples = std::vector<std::string>;
};

TEST_F(WindowCutterTest, FollowsEachOtherAndEndsShort) {
  EXPECT_EQ(Cut({10}, Options(4, 0), 100),
            (Samples{"train ACGT/0120", "train ACGT/1201", "train AC/20"}));
}

TEST_F(WindowCutterTest, KeepsContextOnBothSidesIgnored) {
  // Cores of two bases, one base of context each side.
  EXPECT_EQ(Cut({7}, Options(4, 1), 100),
            (Samples{"train ACG/01-", "train CGTA/-20-", "train TACG/-12-", "train CG/-0"}));
}

TEST_F(WindowCutterTest, StaysWithinRecords) {
  EXPECT_EQ(
      Cut({5, 3}, Options(4, 1), 100),
      (Samples{"train ACG/01-", "train CGTA/-20-", "train TA/-1", "train CGT/20-", "train GT/-1"}));
}

TEST_F(WindowCutterTest, StaysWithinRangesContextIncluded) {
  DnaCutOptions options = Options(6, 2);
  options.ranges = {"2-5", "6-7", "10-"};
  EXPECT_EQ(Cut({11}, options, 100),
            (Samples{"test CG/01", "train CGTA/12--", "train CGTA/--01", "valid CG/20"}));
}

TEST_F(WindowCutterTest, DoesNotDependOnThePieces) {
  for (const DnaCutOptions& options : {Options(5, 0), Options(7, 2), Options(9, 4)}) {
    DnaCutOptions ranged = options;
    ranged.ranges = {"3-40,61-", "", "45-60"};
    for (std::size_t piece : {1u, 2u, 3u, 17u}) {
      EXPECT_EQ(Cut({30, 1, 44}, options, piece), Cut({30, 1, 44}, options, 1000));
      EXPECT_EQ(Cut({30, 1, 44}, ranged, piece), Cut({30, 1, 44}, ranged, 1000));
    }
  }
}

TEST_F(WindowCutterTest, CountsEachBaseOnce) {
  for (Index overlap : {0, 1, 3}) {
    Index counted = 0;
    for (const std::string& sample : Cut({100, 33}, Options(10, overlap), 7)) {
      const std::string targets = sample.substr(sample.find('/') + 1);
      counted +=
          static_cast<Index>(targets.size()) - std::count(targets.begin(), targets.end(), '-');
    }
    EXPECT_EQ(counted, 133);
  }
}

TEST(DnaCutOptions, AllViolationsAreToldTogether) {
  DnaCutOptions options;
  options.window = 0;
  options.overlap = -1;
  options.shard_bytes = 0;
  options.ranges.test = "x";
  ExpectError(ExitCode::kUsage,
              "--window is 0, allowed: 1..16777216; --overlap is -1, allowed: 0 or more, and below "
              "half of --window; --shard-bytes is 0, allowed: 1 or more; --test: range \"x\"",
              [&] { CheckCutOptions(options); });
  options = {};
  options.overlap = 256;
  ExpectError(ExitCode::kUsage, "--overlap is 256", [&] { CheckCutOptions(options); });
  options.overlap = 255;
  CheckCutOptions(options);
}

}  // namespace
}  // namespace lockstep
