#include "launch/frame/options.h"

#include <algorithm>
#include <boost/program_options.hpp>
#include <cmath>
#include <cstring>

#include "base/characters.h"
#include "base/closest_name.h"
#include "base/error.h"
#include "base/text.h"

namespace lockstep {
namespace {

namespace po = boost::program_options;
using Texts = std::vector<std::string>;

constexpr OptionRow kHelp[] = {
    {"help", "prints the options that are often needed, and ends", OptionKind::kSwitch},
    Rare({"help-all", "prints all options, and ends", OptionKind::kSwitch}),
    Rare({"help-table",
          "prints all options for programs, and ends: one per line, with its group, its name, what "
          "its value is called and its help, separated by tabs",
          OptionKind::kSwitch}),
};

po::options_description BoostTable(const OptionTable& table) {
  po::options_description description("Options");
  std::map<std::string, OptionKind> known;
  for (const OptionRow& row : table.rows()) {
    // Tasks may have options of the same name, which are then read alike.
    const auto [place, is_new] = known.emplace(row.name(), row.kind);
    LOCKSTEP_CHECK(place->second == row.kind);
    if (!is_new) continue;
    switch (row.kind) {
      case OptionKind::kSwitch:
        description.add_options()((row.name() == kHelp[0].spec ? "help,h" : row.name()).c_str(),
                                  row.help);
        break;
      case OptionKind::kValue:
        description.add_options()(row.name().c_str(), po::value<std::string>(), row.help);
        break;
      case OptionKind::kRepeated:
        description.add_options()(row.name().c_str(), po::value<Texts>(), row.help);
        break;
      case OptionKind::kWords:
        description.add_options()(row.name().c_str(), po::value<Texts>()->multitoken(), row.help);
        break;
    }
  }
  return description;
}

// "; did you mean --corpus?", or nothing where no option is near.
std::string Suggestion(const OptionTable& table, std::string asked) {
  asked.erase(0, asked.find_first_not_of('-'));
  Texts names;
  for (const OptionRow& row : table.rows()) names.push_back(row.name());
  return DidYouMean(asked, names, "--");
}

// What follows `name` on the command line: nothing for a switch.
Texts ValuesOf(const po::variable_value& value) {
  if (const auto* text = boost::any_cast<std::string>(&value.value())) return {*text};
  if (const auto* texts = boost::any_cast<Texts>(&value.value())) return *texts;
  return {};
}

// The arguments as options with their values; at most `most_words` others are allowed, -1 for any
// number, which get the name `word`.
po::basic_parsed_options<char> Parse(const po::options_description& description,
                                     const Arguments& arguments, const std::string& word,
                                     int most_words) {
  namespace style = po::command_line_style;
  po::positional_options_description words;
  if (most_words != 0) words.add(word.c_str(), most_words);
  po::command_line_parser parser(arguments);
  parser.options(description).positional(words);
  return parser.style(style::unix_style & ~style::allow_guessing).run();
}

// The word at `place` of those that are no option and no value of one.
std::string LooseWord(const po::options_description& description, const Arguments& arguments,
                      std::size_t place) {
  Texts words;
  for (const auto& option : Parse(description, arguments, "words", -1).options) {
    if (option.position_key >= 0)
      words.insert(words.end(), option.value.begin(), option.value.end());
  }
  return place < words.size() ? words[place] : "";
}

}  // namespace

std::string OptionRow::name() const { return std::string(spec, std::strcspn(spec, " ")); }

std::string OptionRow::value() const {
  const char* const gap = std::strchr(spec, ' ');
  return gap == nullptr ? "" : gap + 1;
}

OptionTable::OptionTable(std::initializer_list<OptionGroup> groups) : groups_{OptionGroup(kHelp)} {
  for (const OptionGroup& group : groups) Add(group);
}

void OptionTable::Add(const OptionGroup& group) {
  for (const OptionRow& row : group.rows)
    LOCKSTEP_CHECK((row.kind == OptionKind::kSwitch) == row.value().empty());
  if (groups_.back().title != group.title) return groups_.push_back(group);
  std::vector<OptionRow>& last = groups_.back().rows;
  last.insert(last.end(), group.rows.begin(), group.rows.end());
}

std::vector<OptionRow> OptionTable::rows() const {
  std::vector<OptionRow> all;
  for (const OptionGroup& group : groups_) {
    all.insert(all.end(), group.rows.begin(), group.rows.end());
  }
  return all;
}

Options::Options(const std::string& verb, const OptionTable& table, const Arguments& arguments,
                 const std::string& positional)
    : verb_(verb) {
  const po::options_description description = BoostTable(table);
  const int most_words = positional.empty() ? 0 : 1;
  po::variables_map found;
  try {
    po::store(Parse(description, arguments, positional, most_words), found);
  } catch (const po::too_many_positional_options_error&) {
    throw UsageError(
        "{}: no option stands before the word {}{}; `lockstep {} --help` lists what there is", verb,
        Printable(LooseWord(description, arguments, static_cast<std::size_t>(most_words))),
        positional.empty() ? ""
                           : fmt::format(", and only one word may do without (--{})", positional),
        verb);
  } catch (const po::unknown_option& error) {
    throw UsageError("{}: unrecognised option \"{}\"{}; `lockstep {} --help` lists what there is",
                     verb, error.get_option_name(), Suggestion(table, error.get_option_name()),
                     verb);
  } catch (const po::error& error) {
    throw UsageError("{}: {}; `lockstep {} --help` lists what there is", verb, error.what(), verb);
  }
  for (const auto& [name, value] : found) values_[name] = ValuesOf(value);
}

std::string Options::Text(const std::string& name) const {
  if (const std::optional<std::string> value = Maybe(name)) {
    if (value->empty()) throw UsageError("{}: --{} is empty", verb_, name);
    return *value;
  }
  throw UsageError("{} needs --{}; `lockstep {} --help` shows an example", verb_, name, verb_);
}

std::optional<std::string> Options::Maybe(const std::string& name) const {
  const auto found = values_.find(name);
  if (found == values_.end() || found->second.empty()) return std::nullopt;
  return found->second.front();
}

Index Options::Number(const std::string& name, Index otherwise, Index lowest, Index highest) const {
  if (!Has(name)) return otherwise;
  const std::string text = Text(name);
  Index value = 0;
  if (!ReadNumber(text, &value) || value < lowest || value > highest) {
    throw UsageError("--{} is \"{}\"; allowed is a whole number from {} to {}", name, text, lowest,
                     highest);
  }
  return value;
}

double Options::Real(const std::string& name, double otherwise, double lowest,
                     double highest) const {
  if (!Has(name)) return otherwise;
  const std::string text = Text(name);
  double value = 0;
  const bool is_number = ReadNumber(text, &value) && std::isfinite(value);
  if (is_number && value >= lowest && value <= highest) return value;
  throw UsageError("--{} is \"{}\"; allowed is a number from {} to {}", name, text, lowest,
                   highest);
}

std::vector<std::string> Options::List(const std::string& name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? Texts{} : found->second;
}

std::vector<std::string> Options::AtCommas(const std::string& name) const {
  const std::string text = Maybe(name).value_or("");
  Texts parts;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    if (end == begin) throw UsageError("--{} is \"{}\"; it has an empty part", name, text);
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

const OptionRow* Options::FirstGiven(std::span<const OptionRow> rows) const {
  const auto given =
      std::ranges::find_if(rows, [&](const OptionRow& row) { return Has(row.name()); });
  return given == rows.end() ? nullptr : &*given;
}

}  // namespace lockstep
