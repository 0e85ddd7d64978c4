#include "launch/config/toml_text.h"

#include <gtest/gtest.h>

#include "launch/config/config.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

TEST(TomlText, ValuesComeWithTheirLinesAndComments) {
  TempFolder folder;
  Spill(folder / "a.toml",
        "alone = 1\n[s]\ntext = \"\u00e4 # no comment\"  # of a \u00e4\nflag = true\n");
  const auto settings = ReadToml(folder / "a.toml");
  ASSERT_EQ(settings.size(), 3u);
  EXPECT_EQ(settings[0].key, "alone");
  EXPECT_EQ(settings[1].key, "s.flag");
  EXPECT_EQ(settings[1].value, "true");
  EXPECT_EQ(settings[1].comment, "");
  EXPECT_EQ(settings[2].value, "\u00e4 # no comment");
  EXPECT_EQ(settings[2].comment, "of a \u00e4");
  EXPECT_EQ(settings[2].line, 3);
}

TEST(TomlText, ValuesThatNoKeyTakesAreCalledByTheirKind) {
  TempFolder folder;
  Spill(folder / "a.toml", "[s]\na = [\"B=1\", \"C=2\"]\nb = {c = 1}\nd = 2026-01-02\n");
  const auto settings = ReadToml(folder / "a.toml");
  ASSERT_EQ(settings.size(), 3u);
  EXPECT_EQ(settings[0].value, "a list");
  EXPECT_EQ(settings[1].value, "a table");
  EXPECT_EQ(settings[2].value, "a date or time");
}

TEST(TomlText, WhatARunStoresIsReadBackWithItsOrigins) {
  TempFolder folder;
  Config config;
  config.Set("train.seed", "7", "x.toml:3");
  config.Set("train.start_from", "a \"run\"  # odd", "command line");
  Spill(folder / "config.toml", config.ToToml());
  for (const TomlSetting& setting : ReadToml(folder / "config.toml")) {
    EXPECT_EQ(setting.value, config.Values().at(setting.key)) << setting.key;
    const std::string origin = setting.key == "train.seed"         ? "x.toml:3"
                               : setting.key == "train.start_from" ? "command line"
                                                                   : "default";
    EXPECT_EQ(setting.comment, origin) << setting.key;
  }
}

TEST(TomlText, AFileThatIsNoTomlIsRefusedWithItsLine) {
  TempFolder folder;
  Spill(folder / "a.toml", "[s]\nkey = \n");
  ExpectError(ExitCode::kUsage, "a.toml:2", [&] { ReadToml(folder / "a.toml"); });
}

}  // namespace
}  // namespace lockstep
