#include "launch/report/watch_screen.h"

#include <gmock/gmock.h>

#include "base/terminal.h"
#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

RunCurves SomeRun() {
  RunCurves run;
  run.name = "a-run";
  run.training["loss"] = {{10, 20}, {2, 1}, {100, 110}};
  run.training["learning_rate"] = {{20}, {0.125}, {110}};
  run.training["epoch"] = {{20}, {3}, {110}};
  for (const char* name : {"loss", "accuracy", "f1", "bleu"})
    run.validation[name] = {{20}, {0.5}, {111}};
  run.best_step = run.last_step = 20;
  run.last_seconds = 111;
  return run;
}

WatchScreen SomeScreen() {
  WatchScreen screen;
  screen.run_folder = "runs/a-run";
  screen.last_step = 80;
  screen.now = 116;
  screen.style.columns = 60;
  return screen;
}

TEST(WatchScreen, SumsUpTheRunThenDrawsAndThenListsTheRest) {
  const auto lines = DrawWatchScreen(SomeRun(), SomeScreen());
  EXPECT_EQ(lines[0], "a-run: step 20/80 (25%), epoch 3, last line 5s ago; best");
  EXPECT_EQ(lines[2], "loss  training 1  validation (o) 0.5");
  EXPECT_EQ(lines.back(), "learning_rate 0.125");
}

TEST(WatchScreen, ARunThatIsDoneEndsWhereDoneJsonSays) {
  WatchScreen screen = SomeScreen();
  screen.style.columns = 100;
  screen.is_done = true;
  EXPECT_THAT(DrawWatchScreen(SomeRun(), screen)[0],
              testing::StartsWith("a-run: step 20/80 (25%), epoch 3, done;"));
  screen.done_step = 80;
  screen.done_epoch = screen.last_epoch = 4;
  EXPECT_THAT(DrawWatchScreen(SomeRun(), screen)[0],
              testing::StartsWith("a-run: step 80/80 (100%), epoch 4 of 4, done;"));
  EXPECT_THAT(DrawWatchScreen({}, screen)[0], testing::HasSubstr("step 80/80 (100%), epoch 4"));
}

TEST(WatchScreen, FitsTheTerminalHoweverSmall) {
  for (const int rows : {2, 5, 10, 24, 60}) {
    for (const int columns : {20, 40, 100}) {
      WatchScreen screen = SomeScreen();
      screen.rows = rows;
      screen.style.columns = columns;
      const auto lines = DrawWatchScreen(SomeRun(), screen);
      EXPECT_LT(std::ssize(lines), rows);
      for (const std::string& line : lines) EXPECT_LE(TextColumns(line), columns) << line;
    }
  }
}

TEST(WatchScreen, AValueIsNeverCut) {
  RunCurves run = SomeRun();
  run.training["loss"].values.back() = 0.1234;
  run.validation["loss"].values.back() = -5.678e-12;
  for (int columns = 20; columns < 60; ++columns) {
    WatchScreen screen = SomeScreen();
    screen.style.columns = columns;
    std::string text;
    for (const std::string& line : DrawWatchScreen(run, screen)) text += line + "\n";
    EXPECT_THAT(text, testing::ContainsRegex("training[ \n]+0.1234[ \n]")) << columns;
    EXPECT_THAT(text, testing::ContainsRegex("[(]o[)][ \n]-5.678e-12\n")) << columns;
    EXPECT_THAT(text, testing::ContainsRegex("learning_rate[ \n]0.125\n")) << columns;
  }
}

TEST(WatchScreen, NamesThatCouldMoveTheCursorAreMadeHarmless) {
  RunCurves run = SomeRun();
  run.name = "a\033[2J\nrun";
  for (const std::string& line : DrawWatchScreen(run, SomeScreen()))
    EXPECT_EQ(line.find_first_of("\033\n"), std::string::npos);
}

TEST(WatchScreen, AFigureThatTheRunDoesNotHaveIsNamedWithThoseThatItHas) {
  WatchScreen screen = SomeScreen();
  screen.figures = {"loss", "losss"};
  ExpectError(ExitCode::kUsage, "\"losss\", which run runs/a-run does not have; it has: accuracy",
              [&] { DrawWatchScreen(SomeRun(), screen); });
  EXPECT_EQ(DrawWatchScreen({}, screen).size(), 3u) << "nothing is known of a run without lines";
}

}  // namespace
}  // namespace lockstep
