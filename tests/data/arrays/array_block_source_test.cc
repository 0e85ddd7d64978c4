#include "data/arrays/array_block_source.h"

#include <cmath>
#include <numeric>

#include "tests/data/arrays/array_bytes.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

using testing::ElementsAre;
using testing::IsNan;

class ArrayBlockSourceTest : public testing::Test {
 protected:
  // Writes an array of 0, 1, 2 ... and gives its path.
  std::string Count(const std::string& name, const std::string& shape, std::size_t count) {
    std::vector<double> values(count);
    std::iota(values.begin(), values.end(), 0.0);
    return Save(name, shape, values);
  }
  std::string Save(const std::string& name, const std::string& shape,
                   const std::vector<double>& values) {
    Spill(folder_ / name, NpyBytes<double>("<f8", shape, values));
    return folder_ / name;
  }
  std::vector<ArraySequence> Read() {
    ClassNames classes(given_);
    ArrayBlockSource source({{}, members_}, options_, &classes);
    columns_ = source.columns();
    std::vector<ArraySequence> all;
    for (ArraySequence sequence; source.Next(&sequence);) all.push_back(sequence);
    return all;
  }
  void Fails(const std::string& message, ExitCode code = ExitCode::kBadData) {
    ExpectError(code, message, [&] { Read(); });
  }

  TempFolder folder_;
  ArrayMembers members_;
  ArrayReadOptions options_;
  std::vector<std::string> given_;
  ArrayColumns columns_;
};

TEST_F(ArrayBlockSourceTest, PaddedSequencesEndAtTheirLengths) {
  members_.inputs = Count("x.npy", "(2, 3, 2)", 12);
  members_.targets = Count("y.npy", "(2, 3)", 6);
  members_.lengths = Save("n.npy", "(2,)", {2, 3});
  const auto all = Read();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_THAT(columns_.inputs, ElementsAre("x[0]", "x[1]"));
  EXPECT_THAT(columns_.targets, ElementsAre("y"));
  EXPECT_THAT(all[0].inputs, ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(all[0].targets, ElementsAre(0, 1));
  EXPECT_THAT(all[1].inputs, ElementsAre(6, 7, 8, 9, 10, 11));
  EXPECT_EQ(all[1].name, "1");
  EXPECT_EQ(PlaceOfStep(all[1], 2), folder_ / "x.npy, sequence 1, step 2 (counted from 0)");
}

TEST_F(ArrayBlockSourceTest, RaggedRowsHaveOffsetsOrLengths) {
  members_.inputs = Count("x.npy", "(3, 1)", 3);
  members_.targets = Count("y.npy", "(2, 2)", 4);
  members_.offsets = Save("o.npy", "(3,)", {0, 2, 3});
  const auto all = Read();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_THAT(all[0].inputs, ElementsAre(0, 1));
  EXPECT_EQ(all[0].target_rows, 1);
  EXPECT_THAT(all[1].targets, ElementsAre(2, 3));
  members_.offsets.clear();
  members_.lengths = Save("n.npy", "(2,)", {2, 1});
  EXPECT_THAT(Read()[1].inputs, ElementsAre(2));
}

TEST_F(ArrayBlockSourceTest, RowsAloneAreSingleVectors) {
  members_.inputs = Count("x.npy", "(2, 2)", 4);
  members_.targets = Save("y.npy", "(2,)", {7, std::nan("")});
  const auto all = Read();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].steps, 1);
  EXPECT_THAT(all[1].labels, ElementsAre(kMissingLabel));
}

TEST_F(ArrayBlockSourceTest, StaticInputsStandAtEachStep) {
  members_.inputs = Count("x.npy", "(2, 2, 1)", 4);
  members_.statics = Save("s.npy", "(2,)", {10, 20});
  EXPECT_THAT(Read()[1].inputs, ElementsAre(2, 20, 3, 20));
  EXPECT_THAT(columns_.inputs, ElementsAre("x", "s"));
}

TEST_F(ArrayBlockSourceTest, MarksStandForMissingValues) {
  members_.inputs = Save("x.npy", "(1, 2, 1)", {-999, 5});
  options_.missing = MissingMarks({"-999"});
  EXPECT_THAT(Read()[0].inputs, ElementsAre(IsNan(), 5));
}

TEST_F(ArrayBlockSourceTest, AsManyColumnsAsStepsAreStepsUnlessAskedOtherwise) {
  members_.inputs = Count("x.npy", "(2, 3, 1)", 6);
  members_.targets = Count("y.npy", "(2, 3)", 6);
  EXPECT_EQ(Read()[0].target_rows, 3);
  options_.per = TargetPer::kSequence;
  EXPECT_EQ(Read()[0].target_rows, 1);
  EXPECT_EQ(columns_.targets.size(), 3u);
}

TEST_F(ArrayBlockSourceTest, ShapesThatDoNotFitAreNamed) {
  members_.inputs = Count("x.npy", "(2, 3, 1)", 6);
  members_.targets = Count("y.npy", "(3, 2)", 6);
  Fails("y.npy: has the shape [3, 2], but the inputs have 2 sequences and the shape [2, 3, 1]");
  members_.targets.clear();
  members_.statics = Count("s.npy", "(3,)", 3);
  Fails("s.npy: has the shape [3]; static inputs have one row per sequence, [2] or [2, S]");
  members_.inputs = Count("x.npy", "(2, 0, 1)", 0);
  Fails("x.npy: has the shape [2, 0, 1], which holds no value");
  members_.inputs = Count("x.npy", "(1, 1, 1, 1)", 1);
  Fails("x.npy: has the shape [1, 1, 1, 1]; inputs have [N, T, D]");
}

TEST_F(ArrayBlockSourceTest, BadLengthsAndOffsetsAreNamed) {
  members_.inputs = Count("x.npy", "(2, 3, 1)", 6);
  members_.lengths = Save("n.npy", "(2,)", {3, 4});
  Fails("n.npy: the length of sequence 1 (counted from 0) is 4; allowed are 1 to 3");
  members_.lengths = Save("n.npy", "(2,)", {0, 1});
  Fails("n.npy: the length of sequence 0 (counted from 0) is 0; allowed are 1 to 3");
  members_.lengths = Save("n.npy", "(2,)", {1.5, 1});
  Fails("n.npy: element 0 (counted from 0) is 1.5; lengths must be whole numbers");
  members_.lengths = Save("n.npy", "(3,)", {1, 1, 1});
  Fails("n.npy: has the shape [3], but lengths must have the shape [2]");
  members_.offsets = Save("o.npy", "(3,)", {0, 2, 3});
  members_.lengths.clear();
  Fails("o.npy: --offsets goes with inputs [rows, D]", ExitCode::kUsage);
  members_.inputs = Count("x.npy", "(3, 1)", 3);
  for (const std::vector<double>& bad : {std::vector<double>{0, 2, 4}, {1, 2, 3}, {0, 2, 2}}) {
    members_.offsets = Save("o.npy", "(3,)", bad);
    Fails("o.npy: must hold 0, the first row");
  }
  members_.offsets = Save("o.npy", "(4,)", {0, 2, 2, 3});
  Fails("o.npy: element 2 (counted from 0) is 2 after 2");
  members_.offsets.clear();
  members_.lengths = Save("n.npy", "(2,)", {1, 1});
  Fails("n.npy: the lengths are 2 rows together, but the inputs have 3");
}

TEST_F(ArrayBlockSourceTest, BadValuesAreNamed) {
  members_.inputs = Save("x.npy", "(2, 2, 1)", {1, 2, 3, INFINITY});
  Fails("x.npy, sequence 1, row 1 of it, column 0 (counted from 0): is infinite");
  members_.inputs = Count("x.npy", "(2, 2, 1)", 4);
  members_.targets = Save("y.npy", "(2,)", {1, 2.5});
  options_.target = TargetKind::kClass;
  Fails("x.npy, sequence 1 (counted from 0): target " + folder_ / "y.npy" + " is 2.5");
  members_.targets = Save("y.npy", "(2,)", {1, 2});
  given_ = {"0", "1"};
  Fails("is the class 2, which is no class of this corpus");
}

}  // namespace
}  // namespace lockstep
