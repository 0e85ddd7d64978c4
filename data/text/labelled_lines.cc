#include "data/text/labelled_lines.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/characters.h"
#include "base/error.h"
#include "base/text.h"
#include "base/utf8.h"

namespace lockstep {
namespace {

constexpr std::array kTextNames = {"text",    "sentence", "review",   "comment",
                                   "content", "document", "message",  "phrase",
                                   "body",    "tweet",    "sequence", "seq"};
constexpr std::array kLabelNames = {"label",    "class",  "category", "sentiment",
                                    "polarity", "target", "rating"};

template <std::size_t N>
bool IsOneOf(const std::array<const char*, N>& names, std::string_view name) {
  std::string lower;
  for (const char c : Trim(name))
    lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return std::find(names.begin(), names.end(), lower) != names.end();
}

// Without white space of any kind at its ends, such as no-break spaces of a spreadsheet.
std::string_view TrimWhiteSpace(std::string_view text) {
  std::size_t begin = text.size(), end = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t at = text.size() - rest.size();
    const char32_t code = DecodeCodePoint(TakeCodePoint(&rest));
    if (IsWhiteSpace(code)) continue;
    begin = std::min(begin, at);
    end = text.size() - rest.size();
  }
  return begin < end ? text.substr(begin, end - begin) : std::string_view();
}

void CheckLabel(const std::string& source, const std::string& label) {
  if (label.empty()) {
    throw BadData("{}: the row has no label; write one, or remove the row", source);
  }
  if (label.size() > LabelledLines::kLongestLabel) {
    throw BadData(
        "{}: the label {} has {} bytes, allowed are {}; if text and label are interchanged, name "
        "the columns with --text-column and --label-column",
        source, Printable(label, 30), label.size(), LabelledLines::kLongestLabel);
  }
  if (char32_t code = 0; HasInvisible(label, &code)) {
    throw BadData("{}: the label {} holds {}, which cannot be seen; remove it", source,
                  Printable(label), CodePointName(code));
  }
}

}  // namespace

bool LabelledLines::Next(LabelledText* row) {
  *row = {};
  try {
    if (!Read(row)) return false;
    row->label = TrimWhiteSpace(row->label);
    CheckLabel(fmt::format("{}:{}", path_, line()), row->label);
  } catch (const InputError& error) {
    row->problem = error.what();
  }
  row->line = line();
  row->source = fmt::format("{}:{}", path_, row->line);
  return true;
}

bool IsUsualTextName(std::string_view name) { return IsOneOf(kTextNames, name); }
bool IsUsualLabelName(std::string_view name) { return IsOneOf(kLabelNames, name); }
std::string UsualTextNames() { return fmt::format("{}", fmt::join(kTextNames, ", ")); }
std::string UsualLabelNames() { return fmt::format("{}", fmt::join(kLabelNames, ", ")); }

}  // namespace lockstep
