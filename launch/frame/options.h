// Command-line options of a verb: a table with one row per option, and what the user gave of them.
// Names may not be abbreviated, and an unknown option is refused with a pointer to the verb's help.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/types.h"
#include "launch/frame/verbs.h"

namespace lockstep {

enum class OptionKind {
  kValue,     // --name VALUE
  kRepeated,  // --name VALUE, may be given several times
  kWords,     // --name VALUE VALUE ..., up to the next option
  kSwitch,    // --name
};

struct OptionRow {
  const char* spec;  // the name, and unless it is a switch what --help calls its value: "lm FILE"
  const char* help;  // what it sets, its unit and its default; understood without other rows
  OptionKind kind = OptionKind::kValue;
  bool is_rare = false;  // --help leaves it out, --help-all shows it

  std::string name() const;
  std::string value() const;
};
// The row as one that only --help-all shows.
constexpr OptionRow Rare(OptionRow row) {
  row.is_rare = true;
  return row;
}

// Options under a common title of --help.
struct OptionGroup {
  std::string title;
  std::vector<OptionRow> rows;

  OptionGroup(std::span<const OptionRow> group) : OptionGroup("Options", group) {}  // implicit
  template <std::size_t N>
  OptionGroup(const OptionRow (&group)[N]) : OptionGroup(std::span<const OptionRow>(group)) {}
  OptionGroup(std::string name, std::span<const OptionRow> group)
      : title(std::move(name)), rows(group.begin(), group.end()) {}
};

// The options of one verb. --help, also -h, --help-all and --help-table are always among them
// (launch/frame/help.h).
class OptionTable {
 public:
  OptionTable(std::initializer_list<OptionGroup> groups);
  // Groups of the same title that follow each other are one.
  void Add(const OptionGroup& group);

  const std::vector<OptionGroup>& groups() const { return groups_; }
  std::vector<OptionRow> rows() const;  // of all groups

 private:
  std::vector<OptionGroup> groups_;
};

// The options that a verb was given.
class Options {
 public:
  // Parses `arguments`. Throws UsageError on anything that is not in the table. `positional` names
  // the option that a word without a name belongs to; empty: such words are refused.
  Options(const std::string& verb, const OptionTable& table, const Arguments& arguments,
          const std::string& positional = "");

  const std::string& verb() const { return verb_; }
  bool Has(const std::string& name) const { return values_.count(name) > 0; }
  // The value; UsageError naming the option when it was not given.
  std::string Text(const std::string& name) const;
  std::optional<std::string> Maybe(const std::string& name) const;
  // The value as a whole number from `lowest` to `highest`; `otherwise` when it was not given.
  Index Number(const std::string& name, Index otherwise, Index lowest,
               Index highest = Index{1} << 48) const;
  // The value as a finite number from `lowest` to `highest`; `otherwise` when it was not given.
  double Real(const std::string& name, double otherwise, double lowest, double highest) const;
  // All values of an option that may have several; empty when it was not given.
  std::vector<std::string> List(const std::string& name) const;
  // The value cut at its commas; UsageError for an empty part. Empty when it was not given.
  std::vector<std::string> AtCommas(const std::string& name) const;
  // The first option of these rows that was given, or nullptr.
  const OptionRow* FirstGiven(std::span<const OptionRow> rows) const;

 private:
  std::string verb_;
  std::map<std::string, std::vector<std::string>> values_;
};

}  // namespace lockstep
