#include "data/arrays/array_corpus.h"

#include <cmath>
#include <cstring>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "data/arrays/array_summary.h"
#include "data/corpus/shard_reader.h"
#include "tests/data/arrays/array_bytes.h"
#include "tests/data/gzip_bytes.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsNan;
using testing::UnorderedElementsAre;

class ArrayCorpusTest : public testing::Test {
 protected:
  ArrayCorpusTest() {
    options_.out = folder_ / "corpus";
    options_.inputs = ScalingRule::kNone;
    options_.targets = ScalingRule::kNone;
    options_.read.table.sequence_column = "id";
    options_.read.table.target_columns = {"y"};
  }
  void File(DataSplit split, const std::string& name, const std::string& bytes) {
    Spill(folder_ / name, bytes);
    options_.files[static_cast<std::size_t>(split)].files = {folder_ / name};
  }
  void Fails(ExitCode code, const std::string& message) {
    ExpectError(code, message, [&] { PrepareArrays(options_); });
    EXPECT_FALSE(std::filesystem::exists(options_.out + "/corpus.json"));
  }
  // Values of a field of each sample of a split, by the name of the sample.
  std::map<std::string, std::vector<float>> Values(const std::string& split, std::size_t field) {
    const CorpusInfo info = ReadCorpusInfo(options_.out);
    std::map<std::string, std::vector<float>> values;
    for (const ShardInfo& shard : info.Split(split).shards) {
      ShardReader reader(options_.out, info, shard);
      for (Index r = 0; r < reader.sequences(); ++r) {
        const std::span<const std::byte> bytes = reader.Read(field, r);
        std::vector<float>& row = values[std::string(reader.Name(r))];
        if (info.schema.fields[field].is_real()) {
          row.resize(bytes.size() / sizeof(float));
          std::memcpy(row.data(), bytes.data(), bytes.size());
        } else {
          for (const std::byte b : bytes) row.push_back(std::to_integer<std::uint8_t>(b));
        }
      }
    }
    return values;
  }

  TempFolder folder_;
  ArrayCorpusOptions options_;
};

constexpr const char* kTwoSequences = "id,a,y\nu,1,0.5\nu,2,1.5\nv,3,2.5\nv,5,4.5\n";

TEST_F(ArrayCorpusTest, RealTargetsPerStep) {
  File(DataSplit::kTrain, "a.csv", kTwoSequences);
  const CorpusInfo info = PrepareArrays(options_).info;
  EXPECT_EQ(info.kind, "arrays");
  EXPECT_EQ(info.target().alignment, Alignment::kStep);
  EXPECT_THAT(Values("train", 0)["v"], ElementsAre(3, 5));
  EXPECT_THAT(Values("train", 1)["u"], ElementsAre(0.5, 1.5));
}

TEST_F(ArrayCorpusTest, ATableMayBeCompressed) {
  File(DataSplit::kTrain, "train.csv.gz", GzipBytes(kTwoSequences));
  PrepareArrays(options_);
  EXPECT_THAT(Values("train", 0),
              testing::UnorderedElementsAre(testing::Pair("u", testing::ElementsAre(1, 2)),
                                            testing::Pair("v", testing::ElementsAre(3, 5))));
}

TEST_F(ArrayCorpusTest, ClassesPerSequence) {
  File(DataSplit::kTrain, "a.csv", "id,a,y\nu,1,wet\nu,2,\nv,3,dry\n");
  const CorpusInfo info = PrepareArrays(options_).info;
  EXPECT_EQ(info.target().alignment, Alignment::kSequence);
  EXPECT_THAT(info.classes(), ElementsAre("dry", "wet"));
  EXPECT_THAT(Values("train", 1)["u"], ElementsAre(1));
}

TEST_F(ArrayCorpusTest, StatisticsAreThoseOfTheTrainingSplit) {
  options_.inputs = options_.targets = ScalingRule::kStandard;
  File(DataSplit::kTrain, "a.csv", "id,a,y\nu,1,10.5\nu,3,14.5\n");
  File(DataSplit::kTest, "b.csv", "id,y,a\nw,18.5,5\n");
  const ArrayCorpusSummary summary = PrepareArrays(options_);
  EXPECT_EQ(summary.task.inputs[0].mean, 2);
  EXPECT_EQ(summary.task.inputs[0].scale, 1);
  EXPECT_THAT(Values("train", 0)["u"], ElementsAre(-1, 1));
  EXPECT_THAT(Values("test", 0)["w"], ElementsAre(3));
  EXPECT_THAT(Values("test", 1)["w"], ElementsAre(3));
  EXPECT_EQ(ArrayTaskFromJson(summary.info.task, "").targets[0].Unscaled(3), 18.5);
}

TEST_F(ArrayCorpusTest, SplitsComeFromAColumnOrADraw) {
  options_.read.table.split_column = "part";
  File(DataSplit::kTrain, "a.csv", "id,part,a,y\nu,train,1,0.5\nv,valid,2,1.5\nw,test,3,2\n");
  PrepareArrays(options_);
  EXPECT_THAT(Values("valid", 0)["v"], ElementsAre(2));
  options_.read.table.split_column = "";
  options_.out = folder_ / "drawn";
  std::string lines = "id,a,y\n";
  for (int i = 0; i < 40; ++i) lines += fmt::format("s{},{},{}\n", i, i, i % 2 == 0 ? "p" : "q");
  File(DataSplit::kTrain, "b.csv", lines);
  options_.draw = {.valid_fraction = 0.1, .folds = 4, .fold = 2};
  const ArrayCorpusSummary summary = PrepareArrays(options_);
  EXPECT_EQ(summary.survey.SequencesOf(DataSplit::kTest), 10);
  EXPECT_THAT(summary.info.Split("test").label_counts, ElementsAre(5, 5));
}

TEST_F(ArrayCorpusTest, ASplitColumnHasThreeWords) {
  options_.read.table.split_column = "part";
  File(DataSplit::kTrain, "a.csv", "id,part,a,y\nu,train,1,0.5\nv,dev,2,1.5\n");
  Fails(ExitCode::kBadData,
        "a.csv:3: column \"part\" is \"dev\", allowed are train, valid and test");
}

TEST_F(ArrayCorpusTest, MissingInputsAreRefusedOrFilledAndCounted) {
  File(DataSplit::kTrain, "a.csv", "id,a,b,y\nu,1,1,0.5\nu,?,1,1.5\nv,NA,2,1\n");
  Fails(ExitCode::kBadData, "input \"a\": 2 values are missing, the first in " +
                                folder_ / "a.csv:3; fill them in, or give --missing-values mean");
  options_.missing_rule = MissingRule::kIndicator;
  const ArrayCorpusSummary summary = PrepareArrays(options_);
  EXPECT_EQ(summary.info.leading().width, 3);
  EXPECT_THAT(Values("train", 0)["u"], ElementsAre(1, 1, 0, 1, 1, 1));
  EXPECT_THAT(SummaryLines(summary), Contains(HasSubstr("input \"a\": 2 values are missing")));
}

TEST_F(ArrayCorpusTest, MissingTargetsAreRefusedOrSkipped) {
  File(DataSplit::kTrain, "a.csv", "id,a,y\nu,1,0.5\nu,2,\nv,3,\nw,4,1.5\nw,4,2\n");
  Fails(ExitCode::kBadData, "give --skip-missing-targets");
  options_.skip_missing_targets = true;
  const ArrayCorpusSummary summary = PrepareArrays(options_);
  EXPECT_EQ(summary.survey.dropped, 1);
  EXPECT_THAT(Values("train", 1)["u"], ElementsAre(0.5, IsNan()));
  EXPECT_THAT(SummaryWarnings(summary), Contains(HasSubstr("1 sequences were left out")));
}

TEST_F(ArrayCorpusTest, MissingClassesOfStepsAreIgnored) {
  File(DataSplit::kTrain, "a.csv", "id,a,y\nu,1,p\nu,2,\nu,3,q\n");
  options_.skip_missing_targets = true;
  PrepareArrays(options_);
  EXPECT_THAT(Values("train", 1)["u"], ElementsAre(0, kIgnoredTargetByte, 1));
}

TEST_F(ArrayCorpusTest, ClassesMustBeInTheTrainingSplit) {
  File(DataSplit::kTrain, "a.csv", "id,a,y\nu,1,p\nv,2,q\n");
  File(DataSplit::kTest, "b.csv", "id,a,y\nw,1,p\nx,1,r\n");
  Fails(ExitCode::kBadData, "b.csv:3: the class \"r\" is in no sequence of the training split");
  options_.classes = {"p", "q", "r", "s"};
  Fails(ExitCode::kBadData, "the class \"s\" of --classes has no target in the training split");
  options_.classes = {};
  options_.files[2] = {};
  File(DataSplit::kTrain, "a.csv", "id,a,y\nu,1,p\nv,2,p\n");
  Fails(ExitCode::kBadData, "there is one class only, \"p\"");
}

TEST_F(ArrayCorpusTest, OtherSplitsNeedTheSameColumns) {
  File(DataSplit::kTrain, "a.csv", kTwoSequences);
  File(DataSplit::kTest, "b.csv", "id,A,y\nw,1,2\n");
  Fails(ExitCode::kUsage,
        "b.csv:1: --input-columns names the column \"a\", which the header does not have; did you "
        "mean \"A\"");
}

TEST_F(ArrayCorpusTest, EmptyColumnsCannotBeLearnedFrom) {
  options_.missing_rule = MissingRule::kMean;
  File(DataSplit::kTrain, "a.csv", "id,a,b,y\nu,1,,0.5\nv,2,,1.5\n");
  Fails(ExitCode::kBadData, "input \"b\" has no value at all in the training split");
}

TEST_F(ArrayCorpusTest, ConstantAndTextColumnsAreWarnedOf) {
  File(DataSplit::kTrain, "a.csv", "id,a,c,name,y\nu,1,7,x,0.5\nv,2,7,z,1.5\n");
  const ArrayCorpusSummary summary = PrepareArrays(options_);
  EXPECT_THAT(SummaryWarnings(summary),
              UnorderedElementsAre(HasSubstr("left out of the inputs: name"), HasSubstr("\"c\"")));
  EXPECT_THAT(SummaryLines(summary), Contains("targets: y, real values per sequence"));
}

TEST_F(ArrayCorpusTest, ArraysAndTablesGiveTheSameRecords) {
  File(DataSplit::kTrain, "a.csv", kTwoSequences);
  options_.inputs = ScalingRule::kStandard;
  PrepareArrays(options_);
  const auto from_table = Values("train", 0);
  Spill(folder_ / "d.npz",
        ZipBytes({{"x.npy", NpyBytes<double>("<f8", "(2, 2, 1)", {1, 2, 3, 5})},
                  {"y.npy", NpyBytes<float>("<f4", "(2, 2)", {0.5F, 1.5F, 2.5F, 4.5F})}},
                 true));
  ArrayCorpusOptions arrays;
  arrays.out = options_.out = folder_ / "arrays";
  arrays.files[0] = {{folder_ / "d.npz"}, {.inputs = "x", .targets = "y"}};
  const ArrayCorpusSummary summary = PrepareArrays(arrays);
  EXPECT_EQ(Values("train", 0)["0"], from_table.at("u"));
  EXPECT_EQ(Values("train", 0)["1"], from_table.at("v"));
  EXPECT_EQ(summary.task.members.inputs, "x");
}

TEST_F(ArrayCorpusTest, OptionsOfTablesDoNotGoWithArrays) {
  Spill(folder_ / "x.npy", NpyBytes<float>("<f4", "(2, 2)", {1, 2, 3, 4}));
  options_.files[0] = {{folder_ / "x.npy"}, {}};
  Fails(ExitCode::kUsage, "--sequence-column is for tables, but the file holds arrays");
  File(DataSplit::kTrain, "a.csv", kTwoSequences);
  options_.files[0].members.targets = "y";
  Fails(ExitCode::kUsage,
        "a.csv: --targets names an array, but the file is a table; give --target-columns");
  options_.files[0] = {{folder_ / "none.csv"}, {}};
  Fails(ExitCode::kMissingInput, "none.csv");
}

TEST_F(ArrayCorpusTest, ATargetMustBeNamed) {
  File(DataSplit::kTrain, "a.csv", kTwoSequences);
  options_.read.table.target_columns.clear();
  Fails(ExitCode::kUsage, "no target is named; give --target-columns");
}

}  // namespace
}  // namespace lockstep
