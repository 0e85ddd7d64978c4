#include "launch/run/corpus_fit.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

constexpr const char* kFeatures = R"({"source": "audio", "training": {"mean": [1, 2, 3]}})";

// Frames of two real values with one class of two each.
CorpusInfo Frames() {
  CorpusInfo corpus;
  corpus.kind = "frames";
  corpus.schema.fields = {
      {.name = "inputs", .type = ElementType::kFloat32, .width = 2},
      {.name = "targets", .role = FieldRole::kTarget, .vocabulary = 0},
  };
  corpus.schema.vocabularies = {{"classes", {"low", "high"}, {}}};
  corpus.features = kFeatures;
  return corpus;
}

void ExpectMisfit(const std::string& message, const CorpusInfo& other,
                  const std::string& folder = "B") {
  ExpectError(ExitCode::kUsage, message, [&] { CheckSameSamples("A", Frames(), folder, other); });
}

TEST(CorpusFit, CorporaOfEqualSamplesFit) {
  CorpusInfo other = Frames();
  CheckSameSamples("A", Frames(), "B", other);
  other.features = R"({"source": "audio", "training": {"mean": [1.0, 2, 3]}})";  // the same numbers
  CheckSameSamples("A", Frames(), "B", other);
  CheckSameFields("RUN", Frames(), "B", other);
}

TEST(CorpusFit, OfFeaturesTheFirstValueThatDiffersIsNamed) {
  CorpusInfo other = Frames();
  other.features = R"({"source": "audio", "training": {"mean": [1, 2.5, 4]}})";
  const std::string difference =
      "in \"features\", /training/mean/1 is 2.5, that of the other 2; prepare it again with "
      "--statistics A,";
  ExpectMisfit("data.mix: B/corpus.json does not fit A/corpus.json: " + difference, other);
  ExpectError(ExitCode::kUsage, "/training/mean/1 is 2.5, that of the run 2; prepare",
              [&] { CheckSameFields("RUN", Frames(), "B", other); });
  other.features = "";
  ExpectMisfit("it has no \"features\", but the other has; ", other);
}

TEST(CorpusFit, RulesThatDifferAreNamed) {
  CorpusInfo first = Frames(), other = Frames();
  first.features = other.features = "";
  first.task = R"({"rules": {"lower_case": true}})";
  other.task = R"({"rules": {"lower_case": false}})";
  ExpectError(ExitCode::kUsage,
              "in \"task\", /rules/lower_case is false, that of the other true; prepare it again "
              "with --like A, or, where `lockstep prepare frames --help-all` has no --like,",
              [&] { CheckSameSamples("A", first, "B", other); });
}

TEST(CorpusFit, CorporaOfOtherKindsCannotBePreparedToFit) {
  CorpusInfo other = Frames();
  other.kind = "tokens";
  ExpectMisfit("it has kind \"tokens\", the other \"frames\"; give corpora of one kind", other);
}

TEST(CorpusFit, FoldersAreShownWithoutSignsThatMoveTheCursor) {
  CorpusInfo other = Frames();
  other.window = 5;
  ExpectMisfit("data.mix: <U+001B>[31mB/corpus.json does not fit", other, "\x1b[31mB");
}

}  // namespace
}  // namespace lockstep
