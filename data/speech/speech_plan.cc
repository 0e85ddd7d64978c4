#include "data/speech/speech_plan.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "base/durable_file.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/json_number.h"
#include "base/json_text.h"
#include "data/speech/manifests/manifest_formats.h"
#include "data/speech/speaker_choice.h"
#include "data/speech/speech_survey.h"
#include "data/speech/synthetic_speech.h"
#include "data/text/piece_model.h"

namespace lockstep {
namespace {

// How sound becomes features, besides options: an import that was begun with other methods is not
// gone on with, since its samples would not match the rest. Change this with the methods.
constexpr const char* kMethods = "resampled by data/speech/sound/polyphase_filter";

const std::string kValid = "valid";
const std::string kTest = "test";

// The speakers of all training manifests, sorted.
std::vector<std::string> TrainingSpeakers(const SpeechOptions& options) {
  std::set<std::string> found;
  for (int m = 0; m < options.training_manifests(); ++m) {
    const auto reader = OpenSplit(options, m);
    for (Utterance utterance; reader->Next(&utterance);) found.insert(utterance.speaker);
  }
  found.erase("");
  return {found.begin(), found.end()};
}

// Adds the split if it gets speakers.
void AddSplit(const std::string& name, const std::vector<std::string>& speakers, SpeechPlan& plan) {
  if (!speakers.empty()) plan.splits.push_back(name);
}

// The transcripts of the training split, for training pieces.
PieceModel TrainPieces(const SpeechOptions& options, const SpeechPlan& plan) {
  int manifest = 0;
  auto reader = OpenSplit(options, manifest);
  const auto next = [&](Utterance* utterance) {
    while (!reader->Next(utterance)) {
      if (++manifest == options.training_manifests()) return false;
      reader = OpenSplit(options, manifest);
    }
    return true;
  };
  return PieceModel::Train(
      [&](std::string* text) {
        for (Utterance utterance; next(&utterance);) {
          if (!utterance.problem.empty()) continue;
          if (SplitOf(options, plan, manifest, utterance.speaker) != options.splits[0].name)
            continue;
          try {
            *text = NormaliseTranscript(utterance.transcript, options.units.letter_case);
          } catch (const InputError&) {
            continue;  // a problem that the survey has told
          }
          if (!text->empty()) return true;
        }
        return false;
      },
      options.units.pieces);
}

// A number of an enumeration or a manifest, which int holds.
int IntFrom(const nlohmann::json& value) {
  const Index number = IndexFrom(value);
  if (std::in_range<int>(number)) return static_cast<int>(number);
  throw BadData("{} is too large a number for a plan of an import", number);
}

void ChooseUnits(const SpeechOptions& options, SpeechPlan& plan) {
  const UnitChoice& choice = options.units;
  if (!choice.names_file.empty()) {
    const Units units = Units::FromFile(choice.kind, choice.letter_case, choice.names_file);
    plan.unit_names.assign(units.names().begin() + 1, units.names().end());
  } else if (!choice.model_file.empty()) {
    plan.unit_model = PieceModel::FromFile(choice.model_file).bytes();
  } else if (choice.kind == UnitKind::kPieces) {
    plan.unit_model = TrainPieces(options, plan).bytes();
  }
}

}  // namespace

std::unique_ptr<ManifestReader> OpenSplit(const SpeechOptions& options, int number) {
  if (options.synthetic > 0) return OpenSyntheticSpeech(options, number);
  return OpenManifest(options.splits[static_cast<std::size_t>(number)].manifest);
}

const std::string& SplitOf(const SpeechOptions& options, const SpeechPlan& plan, int manifest,
                           const std::string& speaker) {
  const std::string& own = options.splits[static_cast<std::size_t>(manifest)].name;
  if (manifest >= options.training_manifests()) return own;
  const auto has = [&](const std::vector<std::string>& speakers) {
    return std::binary_search(speakers.begin(), speakers.end(), speaker);
  };
  if (has(plan.held_out_speakers)) return kValid;
  return has(plan.test_speakers) ? kTest : own;
}

Units UnitsOf(const SpeechOptions& options, const SpeechPlan& plan) {
  if (plan.unit_model.empty()) {
    return Units(options.units.kind, options.units.letter_case, plan.unit_names);
  }
  return Units(options.units.letter_case,
               std::make_shared<const PieceModel>(plan.unit_model, "the corpus's piece model"));
}

SpeechPlan MakeSpeechPlan(const SpeechOptions& options, ProblemList& problems) {
  SpeechPlan plan;
  for (const SpeechSplit& split : options.splits) {
    const bool is_new =
        std::find(plan.splits.begin(), plan.splits.end(), split.name) == plan.splits.end();
    if (is_new) plan.splits.push_back(split.name);
  }
  if (options.hold_out_speakers > 0 || !options.valid_speakers.empty() ||
      !options.test_speakers.empty()) {
    ChosenSpeakers chosen = ChooseSpeakers(options, TrainingSpeakers(options));
    plan.held_out_speakers = std::move(chosen.valid);
    plan.test_speakers = std::move(chosen.test);
  }
  AddSplit(kValid, plan.held_out_speakers, plan);
  AddSplit(kTest, plan.test_speakers, plan);
  if (!SurveyManifests(options, problems, plan)) return plan;  // the caller tells the problems
  ChooseUnits(options, plan);
  plan.hash = Hash128Hex(plan.ToText() + JsonText(SpeechOptionsJson(options)) + kMethods +
                         (options.ctm.empty() ? "" : ReadTextFile(options.ctm)));
  return plan;
}

// The channels have a hash of their own, because that of the manifests stands in corpus.json, whose
// bytes must stay what they were.
std::string SpeechPlan::ToText() const {
  nlohmann::json json = {
      {"splits", splits},
      {"held_out_speakers", held_out_speakers},
      {"test_speakers", test_speakers},
      {"base_width", base_width},
      {"source", static_cast<int>(source)},
      {"unit_names", unit_names},
      {"unit_model", std::vector<std::uint8_t>(unit_model.begin(), unit_model.end())},
      {"manifests_hash", manifests_hash},
      {"hash", hash}};
  if (!channels_hash.empty()) json["channels_hash"] = channels_hash;
  for (const SpeechChunk& c : chunks) {
    json["chunks"].push_back({c.split, c.manifest, c.begin, c.end});
  }
  for (const UtterancePlace& place : bad) {
    json["bad"].push_back({place.manifest, place.number});
  }
  return JsonTextOfAnyBytes(json);
}

SpeechPlan SpeechPlan::FromText(const std::string& text) {
  const auto json = ParseJson(text);
  SpeechPlan plan;
  json.at("splits").get_to(plan.splits);
  json.at("held_out_speakers").get_to(plan.held_out_speakers);
  // Older programs, whose import may go on, chose none.
  plan.test_speakers = json.value("test_speakers", std::vector<std::string>());
  plan.base_width = IndexFrom(json.at("base_width"));
  plan.source = static_cast<UtteranceKind>(IntFrom(json.at("source")));
  json.at("unit_names").get_to(plan.unit_names);
  const auto model = json.at("unit_model").get<std::vector<std::uint8_t>>();
  plan.unit_model.assign(model.begin(), model.end());
  json.at("manifests_hash").get_to(plan.manifests_hash);
  plan.channels_hash = json.value("channels_hash", std::string());
  json.at("hash").get_to(plan.hash);
  for (const auto& c : json.value("chunks", nlohmann::json::array())) {
    plan.chunks.push_back({c.at(0), IntFrom(c.at(1)), IndexFrom(c.at(2)), IndexFrom(c.at(3))});
  }
  for (const auto& d : json.value("bad", nlohmann::json::array())) {
    plan.bad.push_back({IntFrom(d.at(0)), IndexFrom(d.at(1))});
  }
  return plan;
}

}  // namespace lockstep
