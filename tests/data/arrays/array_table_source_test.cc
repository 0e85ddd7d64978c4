#include "data/arrays/array_table_source.h"

#include <cmath>
#include <filesystem>

#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

using testing::ElementsAre;
using testing::IsNan;

class ArrayTableSourceTest : public testing::Test {
 protected:
  // All sequences of the files.
  std::vector<ArraySequence> Read(const std::vector<std::string>& files) {
    std::vector<std::string> paths;
    for (const std::string& bytes : files) {
      paths.push_back(folder_ / ("f" + std::to_string(paths.size()) + ".csv"));
      Spill(paths.back(), bytes);
    }
    classes_ = ClassNames(given_);
    ArrayTableSource source(paths, options_, MissingMarks({"-999"}), target_, &classes_);
    columns_ = source.columns();
    std::vector<ArraySequence> all;
    for (ArraySequence sequence; source.Next(&sequence);) all.push_back(sequence);
    return all;
  }
  void Fails(ExitCode code, const std::string& message, const std::string& bytes) {
    ExpectError(code, message, [&] { Read({bytes}); });
  }

  TempFolder folder_;
  ArrayTableOptions options_;
  TargetKind target_ = TargetKind::kFromData;
  std::vector<std::string> given_;
  ClassNames classes_;
  ArrayColumns columns_;
};

TEST_F(ArrayTableSourceTest, ConsecutiveRowsOfOneNameAreASequence) {
  options_.sequence_column = "id";
  options_.target_columns = {"y"};
  const auto all = Read({"id,a,y,b\nu,1,0.5,2\nu,3,,4\nv,-999,1,6\n"});
  ASSERT_EQ(all.size(), 2u);
  EXPECT_THAT(columns_.inputs, ElementsAre("a", "b"));
  EXPECT_EQ(all[0].name, "u");
  EXPECT_THAT(all[0].inputs, ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(all[0].targets, ElementsAre(0.5, IsNan()));
  EXPECT_THAT(all[0].labels, ElementsAre(kMissingLabel, kMissingLabel));
  EXPECT_THAT(all[1].inputs, ElementsAre(IsNan(), 6));
  EXPECT_EQ(PlaceOfStep(all[0], 1), folder_ / "f0.csv:3");
}

TEST_F(ArrayTableSourceTest, WithoutASequenceColumnEachRowIsOne) {
  const auto all = Read({"a,b\n1,2\n3,4\n"});
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[1].name, "3");
  EXPECT_EQ(all[1].steps, 1);
  EXPECT_EQ(all[1].target_rows, 0);
}

TEST_F(ArrayTableSourceTest, AFileCanBeASequence) {
  options_.file_per_sequence = true;
  const auto all = Read({"a\n1\n2\n", "b,a\n9,3\n"});
  ASSERT_EQ(all.size(), 2u);
  EXPECT_THAT(all[0].inputs, ElementsAre(1, 2));
  EXPECT_EQ(all[1].name, "f1");
  EXPECT_THAT(all[1].inputs, ElementsAre(3));  // by its name, as in the first file
}

TEST_F(ArrayTableSourceTest, FilesOfOneNameInSeveralFoldersAreSeveralSequences) {
  options_.file_per_sequence = true;
  std::vector<std::string> files, names;
  for (const std::string name : {"one/s.csv", "two/s.csv", "two/t.csv"}) {
    std::filesystem::create_directories(std::filesystem::path(folder_ / name).parent_path());
    Spill(folder_ / name, "a\n1\n");
    files.push_back(folder_ / name);
  }
  ArrayTableSource source(files, options_, MissingMarks({"-999"}), target_, &classes_);
  for (ArraySequence sequence; source.Next(&sequence);) names.push_back(sequence.name);
  EXPECT_THAT(names, ElementsAre(folder_ / "one/s.csv", folder_ / "two/s.csv", "t"));
}

TEST_F(ArrayTableSourceTest, StaticInputsStandAtEachStep) {
  options_.sequence_column = "id";
  options_.static_columns = {"s"};
  const auto all = Read({"id,s,a\nu,,1\nu,7,2\nu,7,3\nv,,4\n"});
  EXPECT_THAT(columns_.inputs, ElementsAre("a", "s"));
  EXPECT_THAT(all[0].inputs, ElementsAre(1, 7, 2, 7, 3, 7));
  EXPECT_THAT(all[1].inputs, ElementsAre(4, IsNan()));
  Fails(ExitCode::kBadData, "f0.csv:3: column \"s\" of --static-columns is \"8\" here",
        "id,s,a\nu,7,1\nu,8,2\n");
}

TEST_F(ArrayTableSourceTest, ColumnsOfTextAreNoInputs) {
  Read({"station,a,empty\nx,1,\ny,2,\n"});
  EXPECT_THAT(columns_.inputs, ElementsAre("a", "empty"));
  EXPECT_THAT(columns_.left_out, ElementsAre("station"));
  Fails(ExitCode::kUsage, "no column of numbers is left", "station\nx\n");
}

TEST_F(ArrayTableSourceTest, NumbersWithDecimalCommasAreNoTexts) {
  Fails(ExitCode::kBadData, "f0.csv: the numbers of column \"b\" have decimal commas; write them",
        "a;b\n1;0,5\n2;1,5\n");
  Fails(ExitCode::kBadData, "column \"b\" have decimal commas", "a;b\n1;0,5\n2;1\n");
  Read({"a,b\n1,\"52,13\"\n2,\"1,234\"\n"});  // between commas, it may be anything
  EXPECT_THAT(columns_.left_out, ElementsAre("b"));
  options_.input_columns = {"a"};
  Read({"a;b\n1;0,5\n2;1,5\n"});
  EXPECT_THAT(columns_.inputs, ElementsAre("a"));
}

TEST_F(ArrayTableSourceTest, ClassesAreTextsOrWholeNumbers) {
  options_.target_columns = {"y"};
  target_ = TargetKind::kClass;
  Read({"a,y\n1,4.0\n1,4\n1,wet\n1,\n"});
  EXPECT_THAT(classes_.names(), ElementsAre("4", "wet"));
  Fails(ExitCode::kBadData, "f0.csv:2: column \"y\" is \"1.5\", but a class is", "a,y\n1,1.5\n");
  given_ = {"wet", "dry"};
  Fails(ExitCode::kBadData,
        "f0.csv:3: column \"y\" is the class \"wett\", which is no class of this corpus; did you "
        "mean \"wet\"",
        "a,y\n1,wet\n1,wett\n");
}

TEST_F(ArrayTableSourceTest, BadCellsAreNamedByLineAndColumn) {
  options_.sequence_column = "id";
  options_.input_columns = {"a"};
  Fails(ExitCode::kBadData, "f0.csv:3: column \"a\" is \"1,5\", which is no number",
        "id,a\nu,1\nu,\"1,5\"\n");
  Fails(ExitCode::kBadData, "f0.csv:2: column \"a\" is \"inf\", which is infinite",
        "id,a\nu,inf\n");
  Fails(ExitCode::kBadData, "f0.csv:3: the row has 3 cells, the header 2", "id,a\nu,1\nu,2,3\n");
  Fails(ExitCode::kBadData, "f0.csv:3: column \"id\", which names the sequence, is empty",
        "id,a\nu,1\n,2\n");
  Fails(ExitCode::kBadData, "f0.csv:4: the sequence \"u\" begins again", "id,a\nu,1\nv,2\nu,3\n");
}

TEST_F(ArrayTableSourceTest, BadHeadersAreNamed) {
  Fails(ExitCode::kBadData, "f0.csv:1: columns 1 and 3 are both called \"a\"", "a,b,a\n1,2,3\n");
  Fails(ExitCode::kBadData, "f0.csv:1: the first row holds only numbers", "1,2\n3,4\n");
  Fails(ExitCode::kBadData, "f0.csv: the file is empty", "");
  Fails(ExitCode::kBadData, "f0.csv: the file has a header but no rows", "a,b\n");
  options_.input_columns = {"rian"};
  Fails(ExitCode::kUsage,
        "f0.csv:1: --input-columns names the column \"rian\", which the header does not have; did "
        "you mean \"rain\"?",
        "rain,b\n1,2\n");
  options_.input_columns.clear();
  Fails(ExitCode::kBadData, "f0.csv:1: column 2 has no name", "a,\n1,2\n");
}

TEST_F(ArrayTableSourceTest, TimeWithoutSequencesIsRefused) {
  options_.time_column = "t";
  Fails(ExitCode::kUsage, "without --sequence-column or --file-per-sequence each row is a sequence",
        "t,a\n1,1\n2,2\n");
  options_.file_per_sequence = true;
  EXPECT_EQ(Read({"t,a\n1,1\n2,2\n"}).size(), 1u);
}

TEST_F(ArrayTableSourceTest, TimeRisesWithinASequence) {
  options_.sequence_column = "id";
  options_.time_column = "t";
  EXPECT_EQ(Read({"id,t,a\nu,9,1\nu,10,2\nv,1,3\n"}).size(), 2u);
  EXPECT_EQ(Read({"id,t,a\nu,2024-01-31,1\nu,2024-02-01,2\n"}).size(), 1u);
  Fails(ExitCode::kBadData,
        "f0.csv:3: column \"t\" must rise from row to row within a sequence, but is \"2\" after "
        "\"2\" in line 2",
        "id,t,a\nu,2,1\nu,2,2\n");
  Fails(ExitCode::kBadData, "f0.csv:2: column \"t\" is \"31.12.2024\", which is neither",
        "id,t,a\nu,31.12.2024,1\n");
}

TEST_F(ArrayTableSourceTest, ASequenceHasOneSplit) {
  options_.sequence_column = "id";
  options_.split_column = "part";
  EXPECT_EQ(Read({"id,part,a\nu,test,1\nu,test,2\n"})[0].split, "test");
  Fails(ExitCode::kBadData, "f0.csv:3: column \"part\" is \"train\", but \"test\" in line 2",
        "id,part,a\nu,test,1\nu,train,2\n");
}

}  // namespace
}  // namespace lockstep
