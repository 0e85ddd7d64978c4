#include "data/speech/speech_plan.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "base/counter_rng.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/thread_team.h"
#include "data/speech/manifests/id_table.h"
#include "data/speech/manifests/manifest_formats.h"
#include "data/speech/synthetic_speech.h"
#include "data/speech/utterance_loader.h"
#include "data/text/piece_model.h"

namespace lockstep {
namespace {

const std::string kValid = "valid";

// Counts a part of the data for its own split.
class ChunkCutter {
 public:
  ChunkCutter(std::string split, Index shard_bytes)
      : split_(std::move(split)), shard_bytes_(shard_bytes) {}

  void Add(int manifest, Index number, Index bytes) {
    if (chunks_.empty() || chunks_.back().manifest != manifest || bytes_ + bytes > shard_bytes_) {
      chunks_.push_back({split_, manifest, number, number});
      bytes_ = 0;
    }
    chunks_.back().end = number + 1;
    bytes_ += bytes;
  }
  const std::vector<SpeechChunk>& chunks() const { return chunks_; }

 private:
  std::string split_;
  Index shard_bytes_;
  Index bytes_ = 0;
  std::vector<SpeechChunk> chunks_;
};

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

// One pass over all manifests.
class Survey {
 public:
  Survey(const SpeechOptions& options, ProblemList& problems, SpeechPlan& plan)
      : options_(options), problems_(problems), plan_(plan), team_(options.threads) {
    for (int t = 0; t < options.threads; ++t) {
      loaders_.push_back(std::make_unique<UtteranceLoader>(options, ""));
    }
    for (const std::string& split : plan.splits) cutters_.emplace_back(split, options.shard_bytes);
    const bool lists = options.units.names_file.empty() && options.units.kind != UnitKind::kPieces;
    if (lists) gatherer_.emplace(options.units.kind, options.units.letter_case);
  }

  void Run() {
    for (int m = 0; m < static_cast<int>(options_.splits.size()); ++m) ReadManifest(m);
    for (const ChunkCutter& cutter : cutters_) {
      plan_.chunks.insert(plan_.chunks.end(), cutter.chunks().begin(), cutter.chunks().end());
    }
    plan_.manifests_hash = hash_.Hex();
    if (gatherer_ && !any_) return;
    if (gatherer_) {
      const Units units = gatherer_->Finish();
      plan_.unit_names.assign(units.names().begin() + 1, units.names().end());
    }
  }
  bool any() const { return any_; }

 private:
  struct Surveyed {
    Utterance utterance;
    UtteranceSize size;
    std::string problem;
  };

  void ReadManifest(int manifest);
  void Measure(std::vector<Surveyed>& batch);
  void Take(const Surveyed& surveyed, const UtterancePlace& place);
  // What is wrong, or nothing; CountIn also.
  std::string Check(const Surveyed& surveyed);
  std::string CountIn(const Surveyed& surveyed, const UtterancePlace& place);

  const SpeechOptions& options_;
  ProblemList& problems_;
  SpeechPlan& plan_;
  ThreadTeam team_;
  std::vector<std::unique_ptr<UtteranceLoader>> loaders_;
  std::vector<ChunkCutter> cutters_;
  std::optional<UnitGatherer> gatherer_;
  IdTable ids_;
  StreamHash hash_;
  bool any_ = false;
};

void Survey::ReadManifest(int manifest) {
  constexpr std::size_t kBatch = 4096;
  const auto reader = OpenSplit(options_, manifest);
  std::vector<Surveyed> batch(kBatch);
  Index number = 0;
  for (bool more = true; more;) {
    std::size_t count = 0;
    while (count < kBatch && (more = reader->Next(&batch[count].utterance))) ++count;
    batch.resize(count);
    Measure(batch);
    for (const Surveyed& surveyed : batch) Take(surveyed, {manifest, number++});
  }
  for (const std::string& remark : reader->Remarks()) LogWarning("{}", remark);
  if (number == 0) throw BadData("{}: has no utterance", options_.splits[manifest].manifest.path);
}

void Survey::Measure(std::vector<Surveyed>& batch) {
  const auto count = static_cast<Index>(batch.size());
  team_.Run([&](int member) {
    for (Index i = member; i < count; i += team_.size()) {
      Surveyed& surveyed = batch[static_cast<std::size_t>(i)];
      surveyed.problem = surveyed.utterance.problem;
      if (!surveyed.problem.empty()) continue;
      try {
        surveyed.size = loaders_[static_cast<std::size_t>(member)]->Measure(surveyed.utterance);
      } catch (const InputError& error) {
        surveyed.problem = error.what();
      }
    }
  });
}

void Survey::Take(const Surveyed& surveyed, const UtterancePlace& place) {
  const Utterance& utterance = surveyed.utterance;
  hash_.Add(fmt::format("{}\n{}\n{}\n{}\n{} {} {} {} {}\n", utterance.id, utterance.path,
                        utterance.speaker, utterance.transcript, utterance.begin_seconds,
                        utterance.end_seconds, surveyed.size.frames, surveyed.size.width,
                        surveyed.size.source_rate));
  std::string problem = Check(surveyed);
  if (problem.empty()) problem = CountIn(surveyed, place);
  if (problem.empty()) return;
  problems_.Add(place, utterance.source, utterance.id, problem);
  plan_.bad.push_back(place);
}

std::string Survey::Check(const Surveyed& surveyed) {
  const Utterance& utterance = surveyed.utterance;
  if (!utterance.problem.empty()) return utterance.problem;
  if (utterance.id.empty()) return "the id is empty";
  const std::string first = ids_.Add(utterance.id, utterance.source);
  if (!first.empty()) return fmt::format("the id is already on {}", first);
  return surveyed.problem;
}

std::string Survey::CountIn(const Surveyed& surveyed, const UtterancePlace& place) {
  const Utterance& utterance = surveyed.utterance;
  const std::string& split = SplitOf(options_, plan_, place.manifest, utterance.speaker);
  const auto s = static_cast<std::size_t>(
      std::find(plan_.splits.begin(), plan_.splits.end(), split) - plan_.splits.begin());
  if (!any_) {
    plan_.source = utterance.kind;
    plan_.base_width = surveyed.size.width;
    any_ = true;
  }
  if (surveyed.size.width != plan_.base_width || utterance.kind != plan_.source) {
    return fmt::format("its features have {} columns, those of the first utterance {}",
                       surveyed.size.width, plan_.base_width);
  }
  try {
    if (gatherer_ && s == 0) gatherer_->Add(utterance.transcript);
  } catch (const InputError& error) {
    return error.what();
  }
  const Index copies = s == 0 ? static_cast<Index>(options_.copies.speeds.size()) : 1;
  const Index width = surveyed.size.width * (1 + options_.sound.deltas);
  cutters_[s].Add(place.manifest, place.number, 4 * copies * width * surveyed.size.frames);
  return "";
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
  Survey survey(options, problems, plan);
  survey.Run();
  if (!survey.any()) return plan;  // the caller tells the problems
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
