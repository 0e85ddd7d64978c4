#include "data/translation/references.h"

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

using testing::ElementsAre;

class ReferencesTest : public testing::Test {
 protected:
  ReferencesTest() {
    ReferenceWriter writer(folder_.path(), DataSplit::kTest);
    writer.Add("eins");
    writer.Add("zwei");
    corpus_.provenance = JsonText(nlohmann::json{{"references", {{"test", writer.Finish()}}}});
    corpus_.splits["test"].sequences = 2;
    corpus_.splits["train"].sequences = 2;
  }
  void ExpectRefused(ExitCode code, const std::string& text, const std::string& split = "test") {
    ExpectError(code, text, [&] { ReadReferences(folder_.path(), corpus_, split); });
    ExpectError(code, text, [&] { CheckReferences(folder_.path(), corpus_, split); });
  }

  TempFolder folder_;
  CorpusInfo corpus_;
};

TEST_F(ReferencesTest, AreReadAsTheyWereWritten) {
  EXPECT_THAT(ReadReferences(folder_.path(), corpus_, "test"), ElementsAre("eins", "zwei"));
  CheckReferences(folder_.path(), corpus_, "test");
}

TEST_F(ReferencesTest, AChangedFileIsRefused) {
  Spill(folder_ / "test-references.txt", "eins\ndrei\n");
  ExpectRefused(ExitCode::kBadData, "is not the file that the corpus was made with");
}

TEST_F(ReferencesTest, AMissingFileIsRefused) {
  std::filesystem::remove(folder_ / "test-references.txt");
  ExpectRefused(ExitCode::kMissingInput, "test-references.txt");
}

TEST_F(ReferencesTest, AnotherNumberOfPairsIsRefused) {
  corpus_.splits["test"].sequences = 3;
  ExpectRefused(ExitCode::kBadData, "has 2 lines, the split has 3 pairs");
}

TEST_F(ReferencesTest, ASplitWithoutReferencesIsNamed) {
  ExpectRefused(ExitCode::kBadData, "no references of the split \"train\"", "train");
  corpus_.provenance = "no json";
  ExpectRefused(ExitCode::kBadData, "no references of the split \"test\"");
}

}  // namespace
}  // namespace lockstep
