#include "launch/frame/options.h"

#include <charconv>

namespace lockstep {

namespace po = boost::program_options;

Options::Options(const std::string& verb, const Description& description,
                 const Arguments& arguments, const std::string& positional)
    : verb_(verb) {
  namespace style = po::command_line_style;
  po::positional_options_description words;
  if (!positional.empty()) words.add(positional.c_str(), 1);
  try {
    po::command_line_parser parser(arguments);
    parser.options(description).positional(words);
    parser.style(style::unix_style & ~style::allow_guessing);
    po::store(parser.run(), values_);
  } catch (const po::error& error) {
    throw UsageError("{}: {}; `lockstep {} --help` lists what there is", verb, error.what(), verb);
  }
}

std::string Options::Text(const std::string& name) const {
  if (const std::optional<std::string> value = Maybe(name)) {
    if (value->empty()) throw UsageError("{}: --{} is empty", verb_, name);
    return *value;
  }
  throw UsageError("{} needs --{}; `lockstep {} --help` shows an example", verb_, name, verb_);
}

std::optional<std::string> Options::Maybe(const std::string& name) const {
  if (!Has(name)) return std::nullopt;
  return values_[name].as<std::string>();
}

Index Options::Number(const std::string& name, Index otherwise, Index lowest) const {
  if (!Has(name)) return otherwise;
  constexpr Index kMost = Index{1} << 48;
  const std::string text = Text(name);
  Index value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || rest != text.data() + text.size() || value < lowest ||
      value > kMost) {
    throw UsageError("--{} is \"{}\"; allowed is a whole number, at least {}", name, text, lowest);
  }
  return value;
}

std::vector<std::string> Options::List(const std::string& name) const {
  if (!Has(name)) return {};
  return values_[name].as<std::vector<std::string>>();
}

}  // namespace lockstep
