#include "data/arrays/array_options.h"

#include "base/error.h"

namespace lockstep {
namespace {

constexpr const char* kMissingRules[] = {"refuse", "mean", "previous", "indicator"};

// Calls a check that throws and adds what it says.
template <typename Check>
void Collect(std::vector<std::string>* problems, const Check& check) {
  try {
    check();
  } catch (const InputError& error) {
    problems->push_back(error.what());
  }
}

void CheckSplits(const ArrayCorpusOptions& options, std::vector<std::string>* problems) {
  const auto refuse = [&](bool holds, const char* problem) {
    if (holds) problems->push_back(problem);
  };
  const bool valid = options.FilesOf(DataSplit::kValid).any();
  const bool test = options.FilesOf(DataSplit::kTest).any();
  const SplitDraw& draw = options.draw;
  const bool train = options.FilesOf(DataSplit::kTrain).any();
  refuse(options.like && !train && !valid && !test,
         "no file is given: give --test, --valid or --train");
  refuse(!options.like && !train,
         "--train is missing: the files to train on (or --inputs, an .npy file)");
  for (const std::string& problem : FindSplitDrawProblems(draw)) problems->push_back(problem);
  refuse(valid && draw.valid_fraction > 0,
         "--valid and --valid-fraction both make the split valid; give one of them");
  refuse(test && (draw.test_fraction > 0 || draw.folds > 0),
         "--test and --test-fraction or --fold both make the split test; give one of them");
  refuse(options.has_split_column() && (valid || test || draw.draws()),
         "--split-column makes all splits; give it without --valid, --test, fractions and --fold");
}

void CheckTargets(const ArrayCorpusOptions& options, std::vector<std::string>* problems) {
  if (options.read.target == TargetKind::kReal && !options.classes.empty()) {
    problems->push_back("--classes goes with --target class, but --target is real");
  }
  if (options.read.target == TargetKind::kClass && options.read.table.target_columns.size() > 1) {
    problems->push_back(fmt::format("--target class has one column, but --target-columns names {}",
                                    options.read.table.target_columns.size()));
  }
}

}  // namespace

const char* MissingRuleName(MissingRule rule) {
  return kMissingRules[static_cast<std::size_t>(rule)];
}

MissingRule ParseMissingRule(const std::string& word) {
  for (const MissingRule rule : {MissingRule::kRefuse, MissingRule::kMean, MissingRule::kPrevious,
                                 MissingRule::kIndicator}) {
    if (word == MissingRuleName(rule)) return rule;
  }
  throw UsageError("--missing-values is \"{}\"; allowed are refuse, mean, previous and indicator",
                   word);
}

void CheckArrayCorpusOptions(const ArrayCorpusOptions& options) {
  std::vector<std::string> problems;
  CheckSplits(options, &problems);
  CheckTargets(options, &problems);
  Collect(&problems, [&] { CheckArrayTableOptions(options.read.table); });
  Collect(&problems, [&] { ClassNames given(options.classes); });
  if (options.shard_bytes < 1) {
    problems.push_back(fmt::format("--shard-bytes is {}, allowed: 1 or more", options.shard_bytes));
  }
  if (!problems.empty()) throw UsageError("{}", fmt::join(problems, "; "));
}

}  // namespace lockstep
