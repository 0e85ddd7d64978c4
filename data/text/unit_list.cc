#include "data/text/unit_list.h"

#include <algorithm>
#include <optional>

#include "base/characters.h"
#include "base/error.h"
#include "base/line_reader.h"
#include "base/text.h"
#include "base/utf8.h"
#include "data/text/text_rules.h"

namespace lockstep {
namespace {

template <std::size_t N>
bool IsOneOf(const std::string_view (&names)[N], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

constexpr std::string_view kBlanks[] = {kBlankName, "<blk>",     "<b>",   "[blank]",
                                        "<eps>",    "<epsilon>", "<pad>", "[PAD]"};
constexpr std::string_view kNoLetters[] = {"<unk>", "<UNK>", "[UNK]",     "<s>",  "</s>",
                                           "<sos>", "<eos>", "<sos/eos>", "<bos>"};
constexpr std::string_view kSpaces[] = {"<space>", "<SPACE>", "\u2581", kSpaceName};

bool IsDisambiguation(std::string_view name) {
  return name.size() > 1 && name[0] == '#' &&
         name.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

Index CodePoints(std::string_view text) {
  Index points = 0;
  for (; !text.empty(); ++points) TakeCodePoint(&text);
  return points;
}

bool HasWhiteSpace(std::string_view text) {
  while (!text.empty()) {
    if (IsWhiteSpace(DecodeCodePoint(TakeCodePoint(&text)))) return true;
  }
  return false;
}

class ListReader {
 public:
  ListReader(UnitKind kind, const std::string& path) : kind_(kind), lines_(path) {}

  UnitList Read() {
    for (std::string_view line; lines_.Next(&line);) {
      try {
        AddLine(line);
      } catch (const InputError& error) {
        throw BadData("{}:{}: {}", lines_.path(), lines_.line_number(), error.what());
      }
    }
    return std::move(list_);
  }

 private:
  void AddLine(std::string_view line) {
    const std::string text = ApplyRules({}, line);
    if (text.empty() || text.starts_with("# ")) return;
    std::string_view name = text;
    const bool has_number = TakeNumber(&name);
    if (!is_numbered_) is_numbered_ = has_number;
    if (*is_numbered_ && !has_number) {
      throw BadData("{} has no number, as the lines before have", Printable(text));
    }
    AddName(*is_numbered_ ? name : std::string_view(text));
  }

  // Removes " NUMBER" from the end; what is left may be empty, where the name was a blank.
  bool TakeNumber(std::string_view* name) {
    const std::size_t gap = name->find_last_of(" \t");
    if (gap == name->npos) return false;
    Index number = 0;
    if (!ReadNumber(name->substr(gap + 1), &number)) return false;
    if (is_numbered_.value_or(true) && number <= last_number_) {
      throw BadData("the number {} follows {}; numbers must ascend", number, last_number_);
    }
    last_number_ = number;
    *name = Trim(name->substr(0, gap));
    return true;
  }

  void AddName(std::string_view name) {
    const bool letters = kind_ == UnitKind::kLetters;
    if (IsOneOf(kBlanks, name) || IsDisambiguation(name) ||
        (letters && IsOneOf(kNoLetters, name))) {
      if (name != kBlankName) list_.skipped.emplace_back(name);
      return;
    }
    if (name == "\\#") name = "#";
    const bool is_space = Trim(name).empty() || IsOneOf(kSpaces, name);
    if (!letters || !is_space) return AddChecked(name);
    list_.names.emplace_back(kSpaceName);
  }

  void AddChecked(std::string_view name) {
    if (kind_ == UnitKind::kLetters && CodePoints(name) != 1) {
      throw BadData(
          "the letter {} has {} characters, and no transcript can have it: a letter is one "
          "character (the space is written {}, a comment begins with \"# \")",
          Printable(name), CodePoints(name), kSpaceName);
    }
    if (Trim(name).empty()) return;
    if (kind_ == UnitKind::kWords && HasWhiteSpace(name)) {
      throw BadData("the word {} holds white space, and no transcript can have it",
                    Printable(name));
    }
    list_.names.emplace_back(name);
  }

  UnitKind kind_;
  LineReader lines_;
  UnitList list_;
  std::optional<bool> is_numbered_;  // not known before the first line
  Index last_number_ = -1;
};

}  // namespace

UnitList ReadUnitList(UnitKind kind, const std::string& path) {
  return ListReader(kind, path).Read();
}

}  // namespace lockstep
