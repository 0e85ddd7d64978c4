#include "data/text/labelled_json.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/characters.h"
#include "base/error.h"
#include "base/json_line.h"
#include "base/json_text.h"

namespace lockstep {
namespace {

using Json = nlohmann::json;

// The keys of an object as a text for messages: "\"a\", \"b\"".
std::string KeyList(const Json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) {
    if (keys.size() < 20) keys.push_back(Printable(key, 30));
  }
  return fmt::format("{}", fmt::join(keys, ", "));
}

// A value as it is written in the file, for messages.
std::string Shown(const Json& value) { return Printable(JsonTextOfAnyBytes(value), 40); }

class LabelledJson : public LabelledLines {
 public:
  LabelledJson(const std::string& path, const LabelledLinesOptions& options)
      : LabelledLines(path),
        text_key_(options.text_column),
        label_key_(options.label_column),
        lines_(path, options.encoding) {}

  Index blank_lines() const override { return blank_lines_; }
  std::string Description() const override {
    const auto name = [](const std::string& key) { return key.empty() ? "a usual key" : key; };
    return fmt::format("jsonl, text in {}, label in {}", name(text_key_), name(label_key_));
  }

 private:
  bool Read(LabelledText* row) override;
  Index line() const override { return lines_.line_number(); }

  Json ObjectOf(std::string_view line) const;
  const Json& Value(const Json& object, const std::string& key, bool (*is_usual)(std::string_view),
                    const char* option) const;
  std::string Text(const Json& value) const;
  std::string Label(const Json& value) const;
  InputError Problem(const std::string& what) const {
    return BadData("{}:{}: {}", path(), line(), what);
  }

  std::string text_key_;
  std::string label_key_;
  LineReader lines_;
  Index blank_lines_ = 0;
};

bool LabelledJson::Read(LabelledText* row) {
  std::string_view line;
  do {
    if (!lines_.Next(&line)) return false;
  } while (line.find_first_not_of(" \t") == line.npos && ++blank_lines_ > 0);
  const Json object = ObjectOf(line);
  row->text = Text(Value(object, text_key_, IsUsualTextName, "text-column"));
  row->label = Label(Value(object, label_key_, IsUsualLabelName, "label-column"));
  return true;
}

Json LabelledJson::ObjectOf(std::string_view line) const {
  try {
    return ParseJsonLine(line);
  } catch (const InputError& error) {
    throw Problem(
        fmt::format("{}; write one object per line, such as {{\"text\": \"...\", \"label\": "
                    "\"...\"}}",
                    error.what()));
  }
}

const Json& LabelledJson::Value(const Json& object, const std::string& key,
                                bool (*is_usual)(std::string_view), const char* option) const {
  if (!key.empty() && object.contains(key)) return object.at(key);
  const Json* found = nullptr;
  int usual = 0;
  for (const auto& [name, value] : object.items()) {
    if (!is_usual(name)) continue;
    found = &value;
    ++usual;
  }
  if (key.empty() && usual == 1) return *found;
  throw Problem(
      key.empty()
          ? fmt::format("the object has {} keys with a usual name for a {}, not one; its keys are "
                        "{}; give --{} KEY",
                        usual, is_usual == IsUsualTextName ? "text" : "label", KeyList(object),
                        option)
          : fmt::format("the object has no key {} (--{}); its keys are {}", Printable(key), option,
                        KeyList(object)));
}

std::string LabelledJson::Text(const Json& value) const {
  if (!value.is_string()) {
    throw Problem(fmt::format("the text is {}, allowed is a JSON string", Shown(value)));
  }
  std::string text = value.get<std::string>();
  if (text.find('\0') != text.npos) throw Problem("the text holds U+0000; remove it");
  return text;
}

std::string LabelledJson::Label(const Json& value) const {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_integer() || value.is_boolean()) return JsonText(value);
  const double real = value.is_number_float() ? value.get<double>() : std::nan("");
  // Programs for tables write whole numbers as 4.0 if a value of the column is missing.
  constexpr double kLargestWhole = 9007199254740992.0;  // 2^53
  if (std::abs(real) < kLargestWhole && std::trunc(real) == real) {
    return fmt::format("{}", static_cast<Index>(real));
  }
  if (std::isfinite(real) && std::abs(real) >= kLargestWhole) {
    throw Problem(fmt::format(
        "the label is {} or close to it, and so large a number is not exact; write it in quotes",
        Shown(value)));
  }
  if (std::isfinite(real)) return JsonText(value);
  throw Problem(
      fmt::format("the label is {}, allowed are a string, a number, true or false; give the row a "
                  "label, or remove it",
                  Shown(value)));
}

}  // namespace

std::unique_ptr<LabelledLines> OpenLabelledJson(const std::string& path,
                                                const LabelledLinesOptions& options) {
  return std::make_unique<LabelledJson>(path, options);
}

}  // namespace lockstep
