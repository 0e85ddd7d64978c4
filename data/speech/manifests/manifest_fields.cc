#include "data/speech/manifests/manifest_fields.h"

#include <algorithm>
#include <cctype>

#include "base/characters.h"
#include "base/edit_distance.h"
#include "base/error.h"

namespace lockstep {
namespace {

struct KnownName {
  const char* name;
  ManifestField field;
};
// As NeMo, Common Voice, Kaldi's tools, WeNet, ESPnet, Hugging Face and DeepSpeech call them.
constexpr KnownName kKnown[] = {{"id", ManifestField::kId},
                                {"utt_id", ManifestField::kId},
                                {"utterance_id", ManifestField::kId},
                                {"key", ManifestField::kId},
                                {"path", ManifestField::kPath},
                                {"audio_filepath", ManifestField::kPath},
                                {"audio_path", ManifestField::kPath},
                                {"audio", ManifestField::kPath},
                                {"file", ManifestField::kPath},
                                {"wav", ManifestField::kPath},
                                {"wav_filename", ManifestField::kPath},
                                {"text", ManifestField::kText},
                                {"sentence", ManifestField::kText},
                                {"transcript", ManifestField::kText},
                                {"transcription", ManifestField::kText},
                                {"txt", ManifestField::kText},
                                {"speaker", ManifestField::kSpeaker},
                                {"speaker_id", ManifestField::kSpeaker},
                                {"client_id", ManifestField::kSpeaker},
                                {"begin", ManifestField::kBegin},
                                {"start", ManifestField::kBegin},
                                {"offset", ManifestField::kBegin},
                                {"begin_time", ManifestField::kBegin},
                                {"start_time", ManifestField::kBegin},
                                {"end", ManifestField::kEnd},
                                {"end_time", ManifestField::kEnd},
                                {"duration", ManifestField::kDuration},
                                {"channel", ManifestField::kChannel}};

// Only ASCII letters and digits, in lower case.
std::string Plain(std::string_view name) {
  std::string plain;
  for (const unsigned char c : name) {
    if (std::isalnum(c) != 0 || c >= 0x80) plain += static_cast<char>(std::tolower(c));
  }
  return plain;
}

bool IsTimeWithUnit(const std::string& plain, const KnownName& known) {
  const bool is_time = known.field == ManifestField::kBegin || known.field == ManifestField::kEnd ||
                       known.field == ManifestField::kDuration;
  const std::string stem = Plain(known.name);
  if (!is_time || !plain.starts_with(stem)) return false;
  constexpr std::string_view kUnits[] = {"s",    "sec",    "secs",   "second",  "seconds", "ms",
                                         "msec", "millis", "sample", "samples", "frame",   "frames",
                                         "ns",   "us",     "time",   "times"};
  return std::find(std::begin(kUnits), std::end(kUnits), plain.substr(stem.size())) !=
         std::end(kUnits);
}

// True if the two differ in one letter, and are long enough for that to be a slip.
bool IsSlip(const std::string& a, const std::string& b) {
  constexpr std::size_t kShortest = 5;
  if (std::max(a.size(), b.size()) < kShortest || a.size() > b.size() + 1) return false;
  std::vector<std::int32_t> row(b.size() + 1);
  return EditDistance(std::span<const char>(a), std::span<const char>(b), row.data()) <= 1;
}

}  // namespace

const char* FieldName(ManifestField field) {
  constexpr const char* kNames[] = {"id",    "path", "text",     "speaker",
                                    "begin", "end",  "duration", "channel"};
  return kNames[static_cast<std::size_t>(field)];
}

std::optional<ManifestField> FieldCalled(std::string_view name) {
  for (const KnownName& known : kKnown) {
    if (name == known.name) return known.field;
  }
  return std::nullopt;
}

std::optional<ManifestField> FieldThatLooksLike(std::string_view name) {
  const std::string plain = Plain(name);
  for (const KnownName& known : kKnown) {
    const std::string other = Plain(known.name);
    if (plain == other || IsTimeWithUnit(plain, known) || IsSlip(plain, other)) return known.field;
  }
  return std::nullopt;
}

void FieldNames::Add(std::string_view name) {
  const auto field = FieldCalled(name);
  if (!field) {
    unknown_.emplace_back(name);
    return;
  }
  std::string& known = names_[static_cast<std::size_t>(*field)];
  if (!known.empty()) {
    throw BadData("{} and {} both give the {} of an utterance; leave one out", Printable(known),
                  Printable(name), FieldName(*field));
  }
  known = name;
}

void FieldNames::Check() const {
  for (const std::string& name : unknown_) {
    const auto field = FieldThatLooksLike(name);
    if (!field || !Of(*field).empty()) continue;
    throw BadData(
        "the field {} is not known, but looks like \"{}\", which there is none of; call it so{}, "
        "or leave it out",
        Printable(name), FieldName(*field),
        *field == ManifestField::kBegin || *field == ManifestField::kEnd ||
                *field == ManifestField::kDuration
            ? " and give seconds"
            : "");
  }
}

void UnusedFields::Count(const std::vector<std::string>& names) {
  constexpr std::size_t kMostNames = 20;
  for (const std::string& name : names) {
    const auto found = lines_.find(name);
    if (found != lines_.end()) {
      ++found->second;
    } else if (lines_.size() < kMostNames) {
      lines_.emplace(name, 1);
    } else {
      ++other_names_;
    }
  }
}

std::string UnusedFields::Sentence(const std::string& path, const char* what) const {
  if (lines_.empty()) return "";
  std::vector<std::string> told;
  for (const auto& [name, lines] : lines_) {
    told.push_back(fmt::format("{} ({} line{})", Printable(name), lines, lines == 1 ? "" : "s"));
  }
  if (other_names_ > 0) told.push_back(fmt::format("and others ({} lines)", other_names_));
  return fmt::format("{}: {} that are not used: {}", path, what, fmt::join(told, ", "));
}

}  // namespace lockstep
