// The registry of configuration keys: each has a name, a help line, bounds, and the field that it
// sets. The files *_keys.cc add the keys of one part of the program each; config.h reads them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/types.h"

namespace lockstep {

// Whether a key may have another value when a run is resumed. Only those that do not decide the
// bits of a run may.
enum class OnResume { kSame, kMayChange };

struct ConfigKey {
  std::string name;  // "section.key"
  std::string help;  // what it sets, with unit and bounds; the default is printed beside it
  OnResume on_resume = OnResume::kSame;
  std::function<void(const std::string&)> set = {};  // throws UsageError saying what is allowed
  std::function<std::string()> get = {};
  std::string origin = "default";  // where its value comes from
};

// More steps, sequences or epochs than any run has, and far from where sums of them overflow.
inline constexpr Index kMostCount = Index{1} << 48;

class KeyTable {
 public:
  // The bounds of a number, both inclusive.
  template <typename Number>
  struct Bounds {
    Number lowest;
    Number highest;
  };
  static Bounds<Index> AtLeast(Index lowest) { return {lowest, kMostCount}; }
  static Bounds<double> AtLeast(double lowest);
  static Bounds<double> ShareBelowOne();  // 0 to the largest double below 1

  // `field` must outlive the table. Number is Index, int, std::uint64_t or double.
  template <typename Number>
  void AddNumber(const std::string& name, Number* field, const Bounds<Number>& bounds,
                 const std::string& help, OnResume on_resume = OnResume::kSame);
  void AddBool(const std::string& name, bool* field, const std::string& help,
               OnResume on_resume = OnResume::kSame);
  void AddDuration(const std::string& name, double* seconds, const std::string& help,
                   OnResume on_resume);
  // `check` throws UsageError where a text is not allowed.
  void AddText(const std::string& name, std::string* field, const std::string& help,
               void (*check)(const std::string&), OnResume on_resume = OnResume::kSame);
  template <typename Enum>
  void AddEnum(const std::string& name, Enum* field, Enum (*parse)(const std::string&),
               std::string (*print)(Enum), const std::string& help) {
    keys_.push_back({name, help, OnResume::kSame,
                     [=](const std::string& text) { *field = parse(text); },
                     [=] { return print(*field); }});
  }

  const std::vector<ConfigKey>& keys() const { return keys_; }
  // The key of this name, or nullptr.
  ConfigKey* Find(const std::string& name);
  // "; did you mean "model.layers"?", or nothing where no name is near.
  std::string Suggestion(const std::string& name) const;

 private:
  std::vector<ConfigKey> keys_;
};

}  // namespace lockstep
