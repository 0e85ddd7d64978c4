#include "launch/verbs/verify_report.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

class VerifyReportTest : public testing::Test {
 protected:
  VerifyReportTest() { std::ofstream(there_) << "x"; }

  static void Miss() { throw MissingInput("cannot open it"); }
  std::string Printed(const std::string& path, const std::function<void()>& check) {
    testing::internal::CaptureStdout();
    is_whole_ = report_.CheckWhileThere(path, check);
    return testing::internal::GetCapturedStdout();
  }

  TempFolder folder_;
  std::string there_ = folder_.path() + "/there", gone_ = folder_.path() + "/gone";
  VerifyReport report_;
  bool is_whole_ = false;
};

TEST_F(VerifyReportTest, AFileThatARunHasDeletedMeanwhileIsNoError) {
  EXPECT_EQ(Printed(gone_, Miss),
            gone_ + ": gone; the run that trains here has deleted it meanwhile\n");
  EXPECT_FALSE(is_whole_);
  EXPECT_EQ(report_.code(), ExitCode::kDone);
}

TEST_F(VerifyReportTest, AFileThatIsThereIsJudgedAsEver) {
  EXPECT_EQ(Printed(there_, [] {}), there_ + ": ok\n");
  EXPECT_TRUE(is_whole_);
  EXPECT_EQ(Printed(there_, Miss), there_ + ": cannot open it\n");
  EXPECT_EQ(report_.code(), ExitCode::kMissingInput);
}

TEST_F(VerifyReportTest, DamageThatWasFoundCountsAlthoughTheFileIsGone) {
  Printed(gone_, [] { throw BadData("damaged"); });
  EXPECT_EQ(report_.code(), ExitCode::kBadData);
}

}  // namespace
}  // namespace lockstep
