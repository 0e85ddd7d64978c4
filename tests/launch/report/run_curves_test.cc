#include "launch/report/run_curves.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

TEST(RunCurves, LinesBecomeCurvesStartsAndMarks) {
  TempFolder folder;
  Spill(
      folder / "metrics.jsonl",
      R"({"kind":"run","time":"1970-01-02T00:00:00Z","version":"1","ranks":2,"threads":3,"isa":"avx2"}
{"kind":"step","step":10,"loss":2.5,"skipped":false,"time":"1970-01-01T00:01:00Z"}
{"kind":"step","step":20,"loss":"nan","skipped":true,"time":"1970-01-01T00:02:00Z"}
{"kind":"validation","step":20,"loss":1.5,"accuracy":0.5,"best":true}
{"kind":"run","ranks":4}
{"kind":"gradient_by_time","step":20,"distance":[0,1]}
no json
{"kind":"step","step":30,"lo)");
  const RunCurves run = ReadRunCurves(folder.path());
  const Curve& loss = run.training.at("loss");
  ASSERT_EQ(loss.values.size(), 2u);
  EXPECT_EQ(loss.steps[1], 20);
  EXPECT_TRUE(std::isnan(loss.values[1]));
  EXPECT_EQ(loss.seconds[0], 60);
  EXPECT_EQ(run.validation.at("accuracy").values, std::vector<double>{0.5});
  ASSERT_EQ(run.starts.size(), 2u);
  EXPECT_EQ(run.starts[0].ranks, 2);
  EXPECT_EQ(run.starts[1].step, 20);
  EXPECT_EQ(run.skipped, std::vector<double>{20});
  EXPECT_EQ(run.best_step, 20);
  EXPECT_EQ(run.last_step, 20);
  EXPECT_EQ(run.unreadable_lines, 1);  // the half of a line may still become one
}

TEST(RunCurves, HostileLinesAreCountedOrIgnored) {
  TempFolder folder;
  Spill(folder / "metrics.jsonl", R"({"kind":"step"}
{"kind":"step","step":"inf","loss":1}
{"kind":["step"],"step":{}}
{"kind":"step","step":-5,"loss":1e308,"time":7}
[1,2]
{"kind":"step","step":1000000000000001,"loss":1}
{"kind":"run","ranks":"many","time":{}}
)");
  const RunCurves run = ReadRunCurves(folder.path());
  EXPECT_TRUE(run.training.empty());
  EXPECT_EQ(run.unreadable_lines, 5);
  EXPECT_EQ(run.starts.at(0).ranks, 0);
}

TEST(RunCurves, TheFarthestStepIsThatOfEventFiles) {
  TempFolder folder;
  Spill(folder / "metrics.jsonl", "{\"kind\":\"step\",\"step\":1000000000000000,\"loss\":1}\n");
  EXPECT_EQ(ReadRunCurves(folder.path()).last_step, 1e15);
}

TEST(RunCurves, AReaderGoesOnWhereItWasAndBeginsAnewInANewFile) {
  TempFolder folder;
  const std::string path = folder / "metrics.jsonl";
  const auto add = [&](const std::string& text) { std::ofstream(path, std::ios::app) << text; };
  add("{\"kind\":\"step\",\"step\":1,\"loss\":3}\n{\"kind\":\"st");
  RunCurveReader reader(folder.path());
  reader.Update();
  EXPECT_EQ(reader.curves().training.at("loss").values, (std::vector<double>{3}));
  add("ep\",\"step\":2,\"loss\":2}\n");
  reader.Update();
  EXPECT_EQ(reader.curves().training.at("loss").values, (std::vector<double>{3, 2}));
  EXPECT_EQ(reader.curves().unreadable_lines, 0);
  Spill(folder / "new", "{\"kind\":\"step\",\"step\":1,\"loss\":9}\n");  // a resumed run
  std::filesystem::rename(folder / "new", path);
  reader.Update();
  EXPECT_EQ(reader.curves().training.at("loss").values, (std::vector<double>{9}));
}

TEST(RunCurves, LinesAndNamesWithoutEndAreCountedAndPassedOver) {
  TempFolder folder;
  std::string text = std::string(3 << 20, '[') + "\n";
  for (int i = 0; i < 150; ++i)
    text += fmt::format("{{\"kind\":\"step\",\"step\":{0},\"figure_{0}\":1}}\n", i);
  text += "{\"kind\":\"step\",\"step\":150,\"<b>\":1,\"loss \\u001b\":2}\n";
  Spill(folder / "metrics.jsonl", text);
  const RunCurves run = ReadRunCurves(folder.path());
  EXPECT_EQ(run.unreadable_lines, 1);
  EXPECT_EQ(run.training.size(), 100u);
  EXPECT_EQ(run.left_out_figures, 50);
  EXPECT_EQ(run.last_step, 150);
}

TEST(RunCurves, StartsComeFromTheirOwnFile) {
  TempFolder folder;
  Spill(folder / "metrics.jsonl", "{\"kind\":\"run\",\"ranks\":2}\n");
  EXPECT_EQ(ReadRunCurves(folder.path()).starts.size(), 1u);
  Spill(folder / "starts.jsonl",
        "{\"kind\":\"start\",\"step\":0,\"ranks\":2}\nnonsense\n"
        "{\"kind\":\"start\",\"step\":40,\"ranks\":3,\"isa\":\"avx2\"}\n");
  const auto starts = ReadRunCurves(folder.path()).starts;
  ASSERT_EQ(starts.size(), 2u);
  EXPECT_EQ(starts[1].step, 40);
  EXPECT_EQ(starts[1].ranks, 3);
  EXPECT_EQ(starts[1].isa, "avx2");
}

TEST(RunCurves, AFolderWithoutMetricsIsNamed) {
  TempFolder folder;
  ExpectError(ExitCode::kMissingInput, "it has no metrics.jsonl",
              [&] { ReadRunCurves(folder.path()); });
}

}  // namespace
}  // namespace lockstep
