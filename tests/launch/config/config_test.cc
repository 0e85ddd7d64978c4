#include "launch/config/config.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>

#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

// A variable of the environment while it lives.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
  ~Variable() { ::unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

TEST(Config, AVariableSetsItsKey) {
  const Variable variable("LOCKSTEP_MODEL_HIDDEN_SIZE", "77");
  Config config;
  config.ReadEnvironment();
  config.ThrowProblems();
  EXPECT_EQ(config.Values().at("model.hidden_size"), "77");
}

TEST(Config, AnUnknownVariableIsRefusedWithTheNearestOne) {
  const Variable variable("LOCKSTEP_MODEL_HIDEN_SIZE", "77");
  Config config;
  config.ReadEnvironment();
  ExpectError(ExitCode::kUsage,
              "LOCKSTEP_MODEL_HIDEN_SIZE: no configuration key has this name; did you mean "
              "LOCKSTEP_MODEL_HIDDEN_SIZE?",
              [&] { config.ThrowProblems(); });
}

TEST(Config, AVariableWithoutItsSectionIsRefusedWithIt) {
  const Variable variable("LOCKSTEP_STEPS", "77");
  Config config;
  config.ReadEnvironment();
  ExpectError(ExitCode::kUsage,
              "LOCKSTEP_STEPS: no configuration key has this name; did you mean "
              "LOCKSTEP_TRAIN_STEPS?",
              [&] { config.ThrowProblems(); });
}

TEST(Config, AVariableOfASectionOrNearlyOfAKeyIsMeantForAKey) {
  for (const char* name :
       {"LOCKSTEP_MODEL_SOMETHING", "LOCKSTEP_MODLE_LAYERS", "LOCKSTEP_TRIAN_SEED"}) {
    const Variable variable(name, "1");
    Config config;
    config.ReadEnvironment();
    ExpectError(ExitCode::kUsage, name, [&] { config.ThrowProblems(); });
  }
}

TEST(Config, WordsOfLaunchersAndSitesAreNoKeys) {
  const Variable job("LOCKSTEP_JOB", "7"), terminal("LOCKSTEP_TERMINAL", "80@host:/dev/tty");
  const Variable root("LOCKSTEP_ROOT", "/opt/lockstep"), hosts("LOCKSTEP_HOSTS_PID", "12");
  Config config;
  config.ReadEnvironment();
  config.ThrowProblems();
}

TEST(Config, WhatIsDumpedIsReadBack) {
  const TempFolder folder;
  Config first;
  first.SetFromCommandLine("model.cell=lstm");
  first.SetFromCommandLine("train.time_limit=4h");
  for (const std::string& text : {first.ToAnnotatedToml(), first.ToToml()}) {
    const std::string path = folder / "my.toml";
    std::ofstream(path) << text;
    Config second;
    second.ReadFile(path);
    second.ThrowProblems();
    EXPECT_EQ(second.Values(), first.Values());
  }
}

void ExpectRefused(const std::vector<const char*>& settings, const std::string& text) {
  Config config;
  for (const char* setting : settings) config.SetFromCommandLine(setting);
  ExpectError(ExitCode::kUsage, text, [&] { config.Finish(); });
}

TEST(Config, ZoneoutOfCellStatesNeedsACellThatHasThem) {
  ExpectRefused({"model.cell=gru", "model.cell_zoneout=0.1"},
                "model.cell_zoneout is 0.1, but the cell gru (model.cell) has no cell state");
}

TEST(Config, WhatRegularisesRecurrentLayersNeedsOne) {
  for (const char* key : {"model.weight_dropout", "model.zoneout", "model.activation_l2",
                          "model.activation_difference_l2"}) {
    const std::string setting = std::string(key) + "=0.5";
    ExpectRefused({"model.layers=0", setting.c_str()},
                  std::string(key) + " is 0.5, but there is no recurrent layer");
  }
}

TEST(Config, HelpHasNoNumbersThatOnlyAMachineReads) {
  const std::string help = Config::Help();
  for (const char* odd : {"e+308", "e-308", "0.99999"})
    EXPECT_THAT(help, testing::Not(testing::HasSubstr(odd)));
}

}  // namespace
}  // namespace lockstep
