// The configuration of a run: every key has a default and one name in every place it can be given.
// Order of precedence: default < configuration file (TOML) < environment LOCKSTEP_SECTION_KEY <
// command line. Unknown keys, and variables that were meant for one, are refused with the nearest
// known one; all violations are reported at once.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/function_ref.h"
#include "launch/config/key_table.h"
#include "launch/supervise/supervisor.h"
#include "trainer/options/trainer_options.h"

namespace lockstep {

struct RunConfig {
  TrainerOptions trainer;
  std::string isa = "auto";            // numerics.isa
  std::string start_from = "none";     // a run folder
  std::string start_parts = "*";       // trainer/save/start_values.h
  std::string embeddings = "none";     // a file of word vectors
  std::string class_weights = "none";  // class_weights.h
  std::string source_weights;          // source_weights.h
  std::string mix;                     // corpus_mix.h
  double join_seconds = 0;             // augment.join_seconds
  std::string noise_snr = "5,20";      // augment.noise_snr, number_range.h
  std::string room_seconds = "";       // augment.room_seconds; empty: rooms of the corpus
  SupervisorOptions supervisor;
};

// A value that was not left at its default, and where it was given.
struct GivenValue {
  std::string value, origin;
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
  // Throws one UsageError that lists every problem so far, each with where it comes from.
  void ThrowProblems() const;
  // The same, also for keys whose values do not go together.
  void Finish();

  const RunConfig& run() const { return run_; }
  // Every key and its value as text; reading it back gives the same configuration.
  std::map<std::string, std::string> Values() const;
  // The keys that were given another value than their default.
  std::map<std::string, GivenValue> Given() const;
  std::set<std::string> FreeKeys() const;
  // All keys in TOML with the origin of each value.
  std::string ToToml() const;
  // The same as a file to start from: each key below what it means, with its default.
  std::string ToAnnotatedToml() const;
  // Keys with defaults, bounds and help, for --help-config.
  static std::string Help();

 private:
  void RefuseUnknownVariables();
  // All keys in sections, each as what `entry` makes of it and its line "key = value".
  std::string Toml(FunctionRef<std::string(const ConfigKey&, const std::string&)> entry) const;

  RunConfig run_;
  KeyTable table_;  // its keys set fields of run_
  std::vector<std::string> problems_;
};

}  // namespace lockstep
