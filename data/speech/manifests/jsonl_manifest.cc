#include "data/speech/manifests/jsonl_manifest.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_line.h"
#include "base/json_text.h"
#include "base/line_reader.h"
#include "base/text.h"
#include "base/utf8.h"
#include "data/speech/manifests/manifest_fields.h"
#include "data/speech/manifests/one_object_per_line.h"

namespace lockstep {
namespace {

using Json = nlohmann::json;

class JsonlReader : public ManifestReader {
 public:
  explicit JsonlReader(const ManifestSpec& spec)
      : lines_(spec.path, AnyBytes{}),
        root_(manifest::RootOf(spec)),
        needs_transcripts_(spec.needs_transcripts) {
    CheckOneObjectPerLine(spec.path);
  }

  bool Next(Utterance* utterance) override {
    return manifest::NextOfLines(&lines_, utterance,
                                 [&](std::string_view line) { Fill(line, *utterance); });
  }

  std::vector<std::string> Notes() const override {
    const std::string sentence = unused_.Sentence(lines_.path(), "fields");
    if (sentence.empty()) return {};
    return {sentence};
  }

 private:
  void Fill(std::string_view line, Utterance& utterance);
  void CheckSameNames(const FieldNames& names);

  LineReader lines_;
  std::string root_;
  bool needs_transcripts_;
  UnusedFields unused_;
  std::string path_name_;  // how the first line calls the field; empty: no line has named it yet
  std::string text_name_;
};

// The fields of one object, by the names that the object uses.
class Fields {
 public:
  explicit Fields(const Json& object) : object_(object) {
    for (const auto& [name, value] : object.items()) {
      if (!RepeatsAnother(name, value)) names_.Add(name);
    }
    names_.Check();
  }

  const FieldNames& names() const { return names_; }
  bool Has(ManifestField field) const { return !names_.Of(field).empty(); }
  const Json& Value(ManifestField field) const { return object_.at(names_.Of(field)); }

  // The text of a field, or an empty text if it does not exist or is null. With allow_number, it
  // may also be a number, because ids and speakers often are.
  std::string Text(ManifestField field, bool allow_number = false) const {
    if (!Has(field) || Value(field).is_null()) return {};
    if (allow_number && Value(field).is_number_integer()) return JsonText(Value(field));
    if (!Value(field).is_string()) Fail(field, "text");
    return Value(field).get<std::string>();
  }

  // The seconds in a field, or `otherwise` if it does not exist.
  double Seconds(ManifestField field, double otherwise) const {
    if (!Has(field) || Value(field).is_null()) return otherwise;
    const double seconds = Value(field).is_number() ? Value(field).get<double>() : -1;
    if (!std::isfinite(seconds) || seconds < 0) Fail(field, "seconds, 0 or more");
    return seconds;
  }

  int Channel() const {
    constexpr ManifestField kField = ManifestField::kChannel;
    int channel = Utterance::kNoChannel;
    if (!Has(kField) || Value(kField).is_null()) return channel;
    const Json& value = Value(kField);
    const bool may_be_one = value.is_number_integer() || value.is_string();
    const std::string text = value.is_string() ? value.get<std::string>() : JsonText(value);
    if (may_be_one && ParseChannel(text, &channel)) return channel;
    throw BadData("\"{}\" is {}, allowed are whole numbers from 0 to 1023 and \"mix\"",
                  names_.Of(kField), JsonText(value));
  }

  std::string Transcript() const {
    constexpr const char* kSilence = "an utterance that is meant to be without words has";
    if (!Has(ManifestField::kText)) {
      throw BadData("the line has no \"text\"; {} \"text\": \"\"", kSilence);
    }
    if (Value(ManifestField::kText).is_null()) {
      const std::string& name = names_.Of(ManifestField::kText);
      throw BadData("\"{}\" is null; {} \"{}\": \"\"", name, kSilence, name);
    }
    return Text(ManifestField::kText);
  }

 private:
  [[noreturn]] void Fail(ManifestField field, const char* allowed) const {
    throw BadData("\"{}\" is {}, allowed {} {}", names_.Of(field), JsonText(Value(field)),
                  allowed == std::string_view("text") ? "is" : "are", allowed);
  }

  // True if the same field has the same value under another name.
  bool RepeatsAnother(const std::string& name, const Json& value) const {
    const auto field = FieldCalled(name);
    return field && Has(*field) && Value(*field) == value;
  }

  const Json& object_;
  FieldNames names_;
};

// Two lists of different tools that were joined are more likely a mistake than two names on
// purpose.
void JsonlReader::CheckSameNames(const FieldNames& names) {
  const auto check = [](std::string* first, const std::string& name) {
    if (first->empty()) *first = name;
    if (name.empty() || name == *first) return;
    throw BadData(
        "the line has no \"{}\", as earlier lines have, but \"{}\": was a list of another tool "
        "appended? call the field \"{}\" in all lines",
        *first, name, *first);
  };
  check(&path_name_, names.Of(ManifestField::kPath));
  if (needs_transcripts_) check(&text_name_, names.Of(ManifestField::kText));
}

void JsonlReader::Fill(std::string_view line, Utterance& utterance) {
  const Json object = ParseJsonLine(line);
  const Fields fields(object);
  CheckSameNames(fields.names());
  unused_.Count(fields.names().unknown());
  const std::string path = fields.Text(ManifestField::kPath);
  if (path.empty()) throw BadData("the line has no \"audio_filepath\"");
  utterance.path = manifest::Resolve(root_, path);
  utterance.begin_seconds = fields.Seconds(ManifestField::kBegin, 0);
  utterance.end_seconds = manifest::EndOf(
      utterance.begin_seconds, fields.Seconds(ManifestField::kEnd, Utterance::kToTheEnd),
      fields.Seconds(ManifestField::kDuration, Utterance::kToTheEnd));
  utterance.channel = fields.Channel();
  utterance.speaker = fields.Text(ManifestField::kSpeaker, true);
  utterance.id = fields.Text(ManifestField::kId, true);
  if (utterance.id.empty() && fields.Has(ManifestField::kId) &&
      !fields.Value(ManifestField::kId).is_null()) {
    throw BadData("\"{}\" is empty", fields.names().Of(ManifestField::kId));
  }
  if (utterance.id.empty()) {
    utterance.id = path;
    if (fields.Has(ManifestField::kBegin) && !fields.Value(ManifestField::kBegin).is_null()) {
      utterance.id += "@" + JsonText(fields.Value(ManifestField::kBegin));
    }
  }
  utterance.transcript =
      needs_transcripts_ ? fields.Transcript() : fields.Text(ManifestField::kText);
}

}  // namespace

std::unique_ptr<ManifestReader> OpenJsonlManifest(const ManifestSpec& spec) {
  return std::make_unique<JsonlReader>(spec);
}

}  // namespace lockstep
