#include "launch/tasks/arrays/array_arguments.h"

#include "base/error.h"
#include "base/text.h"

namespace lockstep {
namespace {

// Takes the next name off the text, and the comma after it.
std::string TakeName(std::string_view* text, const std::string& option) {
  const bool quoted = text->starts_with('"');
  if (quoted) text->remove_prefix(1);
  const std::size_t end = text->find(quoted ? '"' : ',');
  if (quoted && end == text->npos) {
    throw UsageError("--{} has a quote that is not closed; write \"a name, with a comma\",b",
                     option);
  }
  std::string name(quoted ? text->substr(0, end) : Trim(text->substr(0, end)));
  text->remove_prefix(std::min(text->size(), end));
  if (quoted) text->remove_prefix(1);
  if (name.empty()) throw UsageError("--{} has an empty name; write names as a,b,c", option);
  if (quoted && !text->empty() && !text->starts_with(',')) {
    throw UsageError("--{} has text after the quote of \"{}\"; write a comma between names", option,
                     name);
  }
  return name;
}

}  // namespace

std::vector<std::string> NamesOf(const Options& options, const std::string& option) {
  const auto given = options.Maybe(option);
  if (!given) return {};
  std::vector<std::string> names;
  std::string_view rest = *given;
  while (true) {
    names.push_back(TakeName(&rest, option));
    if (rest.empty()) return names;
    rest.remove_prefix(1);  // a comma
  }
}

ArrayMembers MembersOf(const Options& options, const std::string& prefix) {
  const auto text = [&](const char* name) { return options.Maybe(prefix + name).value_or(""); };
  return {.inputs = text("inputs"),
          .targets = text("targets"),
          .lengths = text("lengths"),
          .offsets = text("offsets"),
          .statics = text("static-inputs")};
}

}  // namespace lockstep
