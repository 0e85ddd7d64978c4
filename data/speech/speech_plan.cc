#include "data/speech/speech_plan.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/counter_rng.h"
#include "base/error.h"
#include "base/hash.h"
#include "data/speech/manifests/manifest_formats.h"
#include "data/speech/speech_survey.h"
#include "data/speech/synthetic_speech.h"
#include "data/text/piece_model.h"

namespace lockstep {
namespace {

const std::string kValid = "valid";

std::vector<std::string> ChooseSpeakers(const SpeechOptions& options) {
  if (options.hold_out_speakers == 0 && options.valid_speakers.empty()) return {};
  std::set<std::string> found;
  const auto reader = OpenSplit(options, 0);
  for (Utterance utterance; reader->Next(&utterance);) found.insert(utterance.speaker);
  found.erase("");
  std::vector<std::string> chosen = options.valid_speakers;
  for (const std::string& name : chosen) {
    if (!found.contains(name)) {
      throw UsageError("--valid-speakers: {} has no speaker \"{}\"",
                       options.splits[0].manifest.path, name);
    }
  }
  if (options.hold_out_speakers >= static_cast<Index>(found.size())) {
    throw UsageError(
        "--hold-out-speakers is {}, and the manifest {} has {} speakers; leave some for "
        "training",
        options.hold_out_speakers, options.splits[0].manifest.path, found.size());
  }
  if (chosen.empty()) {
    chosen.assign(found.begin(), found.end());
    CounterRng(options.seed, RandomPurpose::kSpeech, 0).Shuffle(std::span(chosen));
    chosen.resize(static_cast<std::size_t>(options.hold_out_speakers));
  }
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

// The transcripts of the training split, for training pieces.
PieceModel TrainPieces(const SpeechOptions& options, const SpeechPlan& plan) {
  const auto reader = OpenSplit(options, 0);
  return PieceModel::Train(
      [&](std::string* text) {
        for (Utterance utterance; reader->Next(&utterance);) {
          if (!utterance.problem.empty()) continue;
          if (SplitOf(options, plan, 0, utterance.speaker) != options.splits[0].name) continue;
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
  const auto& held_out = plan.held_out_speakers;
  const bool is_held_out =
      manifest == 0 && std::binary_search(held_out.begin(), held_out.end(), speaker);
  return is_held_out ? kValid : options.splits[static_cast<std::size_t>(manifest)].name;
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
  for (const SpeechSplit& split : options.splits) plan.splits.push_back(split.name);
  plan.held_out_speakers = ChooseSpeakers(options);
  if (!plan.held_out_speakers.empty()) plan.splits.push_back(kValid);
  if (!SurveyManifests(options, problems, plan)) return plan;  // the caller tells the problems
  ChooseUnits(options, plan);
  plan.hash = Hash128Hex(plan.ToText() + SpeechOptionsJson(options).dump());
  return plan;
}

std::string SpeechPlan::ToText() const {
  nlohmann::json json = {
      {"splits", splits},
      {"held_out_speakers", held_out_speakers},
      {"base_width", base_width},
      {"source", static_cast<int>(source)},
      {"unit_names", unit_names},
      {"unit_model", std::vector<std::uint8_t>(unit_model.begin(), unit_model.end())},
      {"manifests_hash", manifests_hash},
      {"hash", hash}};
  for (const SpeechChunk& c : chunks) {
    json["chunks"].push_back({c.split, c.manifest, c.begin, c.end});
  }
  for (const UtterancePlace& place : bad) {
    json["bad"].push_back({place.manifest, place.number});
  }
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

SpeechPlan SpeechPlan::FromText(const std::string& text) {
  const auto json = nlohmann::json::parse(text);
  SpeechPlan plan;
  json.at("splits").get_to(plan.splits);
  json.at("held_out_speakers").get_to(plan.held_out_speakers);
  json.at("base_width").get_to(plan.base_width);
  plan.source = static_cast<UtteranceKind>(json.at("source").get<int>());
  json.at("unit_names").get_to(plan.unit_names);
  const auto model = json.at("unit_model").get<std::vector<std::uint8_t>>();
  plan.unit_model.assign(model.begin(), model.end());
  json.at("manifests_hash").get_to(plan.manifests_hash);
  json.at("hash").get_to(plan.hash);
  for (const auto& c : json.value("chunks", nlohmann::json::array())) {
    plan.chunks.push_back({c[0], c[1], c[2], c[3]});
  }
  for (const auto& d : json.value("bad", nlohmann::json::array())) {
    plan.bad.push_back({d[0], d[1]});
  }
  return plan;
}

}  // namespace lockstep
