#include "data/speech/manifests/jsonl_manifest.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/line_reader.h"
#include "base/utf8.h"

namespace lockstep {
namespace {

using Json = nlohmann::json;

class JsonlReader : public ManifestReader {
 public:
  explicit JsonlReader(const ManifestSpec& spec)
      : lines_(spec.path, AnyBytes{}), root_(manifest::RootOf(spec)) {}

  bool Next(Utterance* utterance) override {
    return manifest::NextOfLines(&lines_, utterance,
                                 [&](std::string_view line) { Fill(line, *utterance); });
  }

 private:
  void Fill(std::string_view line, Utterance& utterance) const;

  LineReader lines_;
  std::string root_;
};

// The text of a field, or an empty text if it does not exist. With allow_number, it may also be a
// number, because ids and speakers often are.
std::string Text(const Json& object, const char* key, bool allow_number = false) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return {};
  if (allow_number && found->is_number_integer()) return found->dump();
  if (!found->is_string()) throw BadData("\"{}\" is {}, allowed is text", key, found->dump());
  return found->get<std::string>();
}

// The seconds in a field, or `otherwise` if it does not exist.
double Seconds(const Json& object, const char* key, double otherwise) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return otherwise;
  const double seconds = found->is_number() ? found->get<double>() : -1;
  if (!std::isfinite(seconds) || seconds < 0) {
    throw BadData("\"{}\" is {}, allowed are seconds, 0 or more", key, found->dump());
  }
  return seconds;
}

int Channel(const Json& object) {
  const auto found = object.find("channel");
  if (found == object.end() || found->is_null()) return -1;
  if (!found->is_number_integer() || found->get<Index>() < 0 || found->get<Index>() > 1023) {
    throw BadData("\"channel\" is {}, allowed is a whole number from 0", found->dump());
  }
  return found->get<int>();
}

void JsonlReader::Fill(std::string_view line, Utterance& utterance) const {
  const Json object = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) {
    for (std::string_view rest = line; !rest.empty();)
      TakeCodePoint(&rest);  // throws for a byte that is not UTF-8
    throw BadData("the line is no JSON object");
  }
  const std::string path = Text(object, "audio_filepath");
  if (path.empty()) throw BadData("the line has no \"audio_filepath\"");
  utterance.path = manifest::Resolve(root_, path);
  utterance.begin_seconds = Seconds(object, "offset", 0);
  const double duration = Seconds(object, "duration", Utterance::kToTheEnd);
  if (duration >= 0) utterance.end_seconds = utterance.begin_seconds + duration;
  utterance.channel = Channel(object);
  utterance.speaker = Text(object, "speaker", true);
  utterance.transcript = Text(object, "text");
  utterance.id = Text(object, "id", true);
  if (utterance.id.empty() && object.contains("id")) throw BadData("\"id\" is empty");
  if (utterance.id.empty()) {
    utterance.id = path;
    if (object.contains("offset")) utterance.id += "@" + object["offset"].dump();
  }
}

}  // namespace

std::unique_ptr<ManifestReader> OpenJsonlManifest(const ManifestSpec& spec) {
  return std::make_unique<JsonlReader>(spec);
}

}  // namespace lockstep
