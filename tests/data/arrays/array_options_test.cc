#include "data/arrays/array_options.h"

#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

void Fails(const std::string& message, const ArrayCorpusOptions& options) {
  ExpectError(ExitCode::kUsage, message, [&] { CheckArrayCorpusOptions(options); });
}

ArrayCorpusOptions Good() {
  ArrayCorpusOptions options;
  options.files[0].files = {"a.csv"};
  return options;
}

TEST(ArrayOptions, ContradictionsAreToldTogether) {
  CheckArrayCorpusOptions(Good());
  ArrayCorpusOptions options;
  options.shard_bytes = 0;
  Fails("--train is missing", options);
  Fails("--shard-bytes is 0", options);
}

TEST(ArrayOptions, ASplitIsMadeInOneWay) {
  ArrayCorpusOptions options = Good();
  options.files[1].files = options.files[2].files = {"b.csv"};
  CheckArrayCorpusOptions(options);
  options.draw.valid_fraction = options.draw.test_fraction = 0.1;
  Fails("--valid and --valid-fraction both make", options);
  Fails("--test and --test-fraction or --fold both make", options);
  options.read.table.split_column = "part";
  Fails("--split-column makes all splits", options);
}

TEST(ArrayOptions, AColumnHasOneUse) {
  ArrayCorpusOptions options = Good();
  options.read.table.input_columns = {"a", "b"};
  options.read.table.target_columns = {"b"};
  Fails("column \"b\" is named by --input-columns and by --target-columns", options);
  options = Good();
  options.read.table.delimiter = "x";
  Fails("--delimiter is \"x\"", options);
  options = Good();
  options.read.table.sequence_column = "id";
  options.read.table.file_per_sequence = true;
  Fails("--file-per-sequence and --sequence-column both name", options);
}

TEST(ArrayOptions, ClassesGoWithOneTarget) {
  ArrayCorpusOptions options = Good();
  options.classes = {"a", "b"};
  options.read.target = TargetKind::kReal;
  Fails("--classes goes with --target class", options);
  options.read.target = TargetKind::kClass;
  options.read.table.target_columns = {"y", "z"};
  Fails("--target class has one column, but --target-columns names 2", options);
}

TEST(ArrayOptions, RulesHaveNames) {
  EXPECT_EQ(ParseMissingRule("previous"), MissingRule::kPrevious);
  ExpectError(ExitCode::kUsage, "--missing-values is \"drop\"; allowed are refuse",
              [] { ParseMissingRule("drop"); });
}

}  // namespace
}  // namespace lockstep
