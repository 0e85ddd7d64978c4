#include "launch/config/config.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "base/characters.h"
#include "base/closest_name.h"
#include "base/edit_distance.h"
#include "base/error.h"
#include "base/terminal.h"
#include "base/utf8.h"
#include "launch/config/keys.h"
#include "launch/config/toml_text.h"

namespace lockstep {
namespace {

constexpr std::string_view kPrefix = "LOCKSTEP_";

std::string EnvironmentName(const std::string& key) {
  std::string name = std::string(kPrefix) + key;
  for (char& c : name) c = c == '.' ? '_' : static_cast<char>(std::toupper(c));
  return name;
}

// The name of a variable without its section: LOCKSTEP_STEPS for LOCKSTEP_TRAIN_STEPS.
std::string WithoutSection(const std::string& key) {
  return std::string(kPrefix) + key.substr(key.find('_', kPrefix.size()) + 1);
}

// Whether a variable with our prefix was meant for a key: it names a section, or is a key's name
// without its section, or nearly a key's name. Others belong to launchers, tests and sites
// (LOCKSTEP_ROOT of a module).
bool WasMeantForAKey(const std::string& name, const std::vector<std::string>& keys) {
  return std::ranges::any_of(keys, [&](const std::string& key) {
    const std::size_t section = key.find('_', kPrefix.size()) + 1;
    std::vector<std::int32_t> row(key.size() + 1);
    const Index wrong =
        EditDistance(std::span<const char>(name), std::span<const char>(key), row.data());
    return name.starts_with(key.substr(0, section)) || name == WithoutSection(key) ||
           4 * wrong <= std::ssize(key) - std::ssize(kPrefix);
  });
}

// "; did you mean LOCKSTEP_TRAIN_STEPS?", or nothing where no name is near.
std::string SuggestVariable(const std::string& name, const std::vector<std::string>& keys) {
  const auto longer = std::ranges::find(keys, name, WithoutSection);
  return longer == keys.end() ? DidYouMean(name, keys) : fmt::format("; did you mean {}?", *longer);
}

// As a string of TOML.
std::string Quoted(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted += fmt::format("\\{}", c);
    } else if ((c >= 0 && c < 0x20) || c == 0x7F) {
      quoted += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const std::string_view point = FirstCodePoint(text);
    if (point.empty()) return false;
    text.remove_prefix(point.size());
  }
  return true;
}

// The origin of a value for the comment behind it. A file whose name has a line end must not add a
// line of its own to the configuration.
std::string AsComment(const std::string& origin) {
  constexpr Index kLongest = 4096;
  const std::string quoted = Printable(origin, kLongest);
  return quoted.substr(1, quoted.size() - 2);
}

}  // namespace

Config::Config() {
  AddModelKeys(&run_, &table_);
  AddTrainKeys(&run_, &table_);
  AddDataKeys(&run_, &table_);
  AddOptimizerKeys(&run_, &table_);
  AddRunKeys(&run_, &table_);
}

void Config::Set(const std::string& key, const std::string& value, const std::string& origin) {
  ConfigKey* const found = table_.Find(key);
  if (found == nullptr) {
    problems_.push_back(
        fmt::format("{}: unknown configuration key \"{}\"{}", origin, key, table_.Suggestion(key)));
    return;
  }
  if (!IsUtf8(value)) {
    problems_.push_back(fmt::format(
        "{}: {} is {}, which is not UTF-8, as configurations and checkpoints that hold it must be; "
        "give a link with another name",
        origin, key, Printable(value)));
    return;
  }
  try {
    found->set(value);
    found->origin = origin;
  } catch (const InputError& error) {
    problems_.push_back(fmt::format("{}: {}", origin, error.what()));
  }
}

void Config::ReadFile(const std::string& path) {
  for (const TomlSetting& setting : ReadToml(path))
    Set(setting.key, setting.value, fmt::format("{}:{}", path, setting.line));
}

void Config::ReadEnvironment() {
  for (const ConfigKey& key : table_.keys()) {
    const std::string name = EnvironmentName(key.name);
    if (const char* value = std::getenv(name.c_str())) Set(key.name, value, name);
  }
  RefuseUnknownVariables();
}

void Config::RefuseUnknownVariables() {
  std::vector<std::string> names;
  for (const ConfigKey& key : table_.keys()) names.push_back(EnvironmentName(key.name));
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    const std::string name(text.substr(0, text.find('=')));
    if (!name.starts_with(kPrefix) || std::ranges::find(names, name) != names.end()) continue;
    if (!WasMeantForAKey(name, names)) continue;
    problems_.push_back(
        fmt::format("environment variable {}: no configuration key has this name{}; unset it", name,
                    SuggestVariable(name, names)));
  }
}

void Config::SetFromCommandLine(const std::string& assignment) {
  const std::size_t equals = assignment.find('=');
  if (equals == std::string::npos) {
    problems_.push_back(fmt::format("--set {}: has the form key=value", assignment));
    return;
  }
  Set(assignment.substr(0, equals), assignment.substr(equals + 1), "command line");
}

void Config::Finish() {
  for (std::string& problem : FindConfigProblems(run_)) problems_.push_back(std::move(problem));
  ThrowProblems();
}

void Config::ThrowProblems() const {
  if (problems_.empty()) return;
  throw UsageError("the configuration cannot be used:\n  {}", fmt::join(problems_, "\n  "));
}

std::map<std::string, std::string> Config::Values() const {
  std::map<std::string, std::string> values;
  for (const ConfigKey& key : table_.keys()) values[key.name] = key.get();
  return values;
}

std::map<std::string, GivenValue> Config::Given() const {
  const std::map<std::string, std::string> otherwise = Config().Values();
  std::map<std::string, GivenValue> given;
  for (const ConfigKey& key : table_.keys()) {
    const std::string value = key.get();
    if (value != otherwise.at(key.name)) given[key.name] = {value, key.origin};
  }
  return given;
}

std::set<std::string> Config::FreeKeys() const {
  std::set<std::string> names;
  for (const ConfigKey& key : table_.keys()) {
    if (key.on_resume == OnResume::kMayChange) names.insert(key.name);
  }
  return names;
}

std::string Config::ToToml() const {
  return "# Resolved configuration; the origin of each value stands behind it.\n" +
         Toml([](const ConfigKey& key, const std::string& line) {
           return fmt::format("{}  # {}\n", line, AsComment(key.origin));
         });
}

std::string Config::ToAnnotatedToml() const {
  const Config defaults;
  const std::map<std::string, std::string> otherwise = defaults.Values();
  return "# Configuration of `lockstep train`. A key that is left out has its default.\n" +
         Toml([&](const ConfigKey& key, const std::string& line) {
           return fmt::format("# {}; default {}\n{}\n", key.help, otherwise.at(key.name), line);
         });
}

std::string Config::Toml(
    FunctionRef<std::string(const ConfigKey& key, const std::string& line)> entry) const {
  std::vector<std::string> order;               // sections, as they come first
  std::map<std::string, std::string> sections;  // keys of a section need not be neighbours
  for (const ConfigKey& key : table_.keys()) {
    const std::size_t dot = key.name.find('.');
    const std::string section = key.name.substr(0, dot);
    if (!sections.contains(section)) order.push_back(section);
    const std::string value = key.get();
    const bool plain = value == "true" || value == "false" ||
                       value.find_first_not_of("0123456789.+-e") == std::string::npos;
    const std::string shown = plain && !value.empty() ? value : Quoted(value);
    sections[section] += entry(key, fmt::format("{} = {}", key.name.substr(dot + 1), shown));
  }
  std::string text;
  for (const std::string& name : order) text += fmt::format("\n[{}]\n{}", name, sections[name]);
  return text;
}

std::string Config::Help() {
  const Config config;
  std::string text;
  for (const ConfigKey& key : config.table_.keys()) {
    text += fmt::format("  {:<26} {:<10} {}\n", key.name, key.get(), key.help);
  }
  return text;
}

}  // namespace lockstep
