// The registry of configuration keys: each has a default, bounds, a help line, and one name in
// every place. Order of precedence: default < configuration file (TOML) < environment
// LOCKSTEP_SECTION_KEY < command line. Unknown keys are refused with the nearest known one; all
// violations are reported at once.
//
// Keys that are not marked free decide the bits of a run and may not change when it is resumed.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "launch/supervise/supervisor.h"
#include "trainer/options/trainer_options.h"

namespace lockstep {

struct RunConfig {
  TrainerOptions trainer;
  std::string isa = "auto";            // numerics.isa
  std::string class_weights = "none";  // class_weights.h
  SupervisorOptions supervisor;
};

class Config {
 public:
  Config();
  Config(const Config&) = delete;  // keys point into run_
  Config& operator=(const Config&) = delete;

  // Problems are collected, not thrown, until Finish. A file that is not there throws MissingInput.
  void ReadFile(const std::string& path);
  void ReadEnvironment();
  // "key=value" as given on the command line.
  void SetFromCommandLine(const std::string& assignment);
  void Set(const std::string& key, const std::string& value, const std::string& origin);
  // Throws one UsageError that lists every problem, each with where it comes from.
  void Finish();

  const RunConfig& run() const { return run_; }
  // Every key and its value as text; reading it back gives the same configuration.
  std::map<std::string, std::string> Values() const;
  std::set<std::string> FreeKeys() const;
  // All keys in TOML with the origin of each value.
  std::string ToToml() const;
  // Keys with defaults, bounds and help, for --help-config.
  static std::string Help();

 private:
  struct Key {
    std::string name;
    std::string help;  // with unit and bounds
    bool free;
    std::function<void(const std::string&)> set;  // throws UsageError saying what is allowed
    std::function<std::string()> get;
    std::string origin = "default";
  };
  template <typename Number>
  void AddNumber(const std::string& name, Number* field, Number lowest, Number highest,
                 const std::string& help, bool free = false);
  void AddBool(const std::string& name, bool* field, const std::string& help, bool free = false);
  void AddDuration(const std::string& name, double* seconds, const std::string& help, bool free);
  // `check` throws UsageError where a text is not allowed.
  void AddText(const std::string& name, std::string* field, const std::string& help,
               void (*check)(const std::string&));
  template <typename Enum>
  void AddEnum(const std::string& name, Enum* field, Enum (*parse)(const std::string&),
               std::string (*print)(Enum), const std::string& help);
  void AddModelKeys();
  void AddHeadKeys();
  void AddTrainKeys();
  void AddFrameKeys();
  void AddOptimizerKeys();
  void AddRunKeys();
  Key* Find(const std::string& name);
  std::string Nearest(const std::string& name) const;

  RunConfig run_;
  std::vector<Key> keys_;
  std::vector<std::string> problems_;
};

}  // namespace lockstep
