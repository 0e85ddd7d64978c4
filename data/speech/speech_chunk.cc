#include "data/speech/speech_chunk.h"

#include <algorithm>
#include <atomic>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/hash.h"
#include "base/json_number.h"
#include "base/json_text.h"
#include "data/batch/label_fit.h"
#include "data/speech/splices.h"

namespace lockstep {
namespace {

std::string CopyName(const std::string& id, double speed) {
  return speed == 1 ? id : fmt::format("{}-sp{:g}", id, speed);
}

}  // namespace

ChunkLoader::ChunkLoader(const SpeechOptions& options, const SpeechPlan& plan, const Units& units,
                         const std::string& scratch)
    : options_(options), plan_(plan), units_(units), team_(options.threads) {
  CheckSplices(options, units);
  if (!options.ctm.empty()) times_ = ReadCtm(options.ctm);
  for (int t = 0; t < options.threads; ++t) {
    loaders_.push_back(
        std::make_unique<UtteranceLoader>(options, fmt::format("{}-{}", scratch, t)));
  }
}

std::vector<LoadedUtterance> ChunkLoader::Load(const SpeechChunk& chunk,
                                               const SpeakerStatistics* speakers) {
  std::vector<LoadedUtterance> loaded = ReadManifest(chunk);
  const bool with_copies = chunk.split == plan_.splits[0];
  std::atomic<std::size_t> next{0};
  team_.Run([&](int member) {
    UtteranceLoader& loader = *loaders_[static_cast<std::size_t>(member)];
    for (std::size_t i = next++; i < loaded.size(); i = next++) {
      try {
        LoadOne(loader, with_copies, speakers, loaded[i]);
      } catch (const InputError& error) {
        loaded[i].copies.clear();
        loaded[i].problem = error.what();
      }
    }
  });
  if (with_copies && speakers != nullptr) AddSplices(options_, units_, loaded);
  return loaded;
}

std::vector<LoadedUtterance> ChunkLoader::ReadManifest(const SpeechChunk& chunk) {
  if (reader_ == nullptr || next_ > UtterancePlace{chunk.manifest, chunk.begin} ||
      next_.manifest != chunk.manifest) {
    reader_ = OpenSplit(options_, chunk.manifest);
    next_ = {chunk.manifest, 0};
  }
  std::vector<LoadedUtterance> found;
  for (; next_.number < chunk.end; ++next_.number) {
    LoadedUtterance loaded;
    loaded.place = next_;
    if (!reader_->Next(&loaded.utterance)) {
      throw BadData("{}: changed while it was read; run prepare again",
                    options_.splits[static_cast<std::size_t>(chunk.manifest)].manifest.path);
    }
    if (next_.number < chunk.begin) continue;
    if (std::binary_search(plan_.bad.begin(), plan_.bad.end(), next_)) continue;
    if (SplitOf(options_, plan_, chunk.manifest, loaded.utterance.speaker) != chunk.split) continue;
    found.push_back(std::move(loaded));
  }
  return found;
}

void ChunkLoader::LoadOne(UtteranceLoader& loader, bool with_copies,
                          const SpeakerStatistics* speakers, LoadedUtterance& loaded) const {
  const Utterance& utterance = loaded.utterance;
  loaded.labels = units_.Encode(utterance.transcript);
  const std::vector<double> once = {1};
  for (const double speed : with_copies ? options_.copies.speeds : once) {
    LoadedCopy copy{CopyName(utterance.id, speed), {}, loaded.labels, {}};
    const CopyChoice choice{speed, with_copies && options_.copies.noise_snr.has_value(),
                            Hash64(std::as_bytes(std::span(copy.name)))};
    copy.features = loader.Load(utterance, choice);
    if (with_copies) copy.words = WordsOf(loaded, copy.features, speed);
    if (speakers != nullptr) speakers->Normalise(utterance.speaker, copy.features);
    loaded.copies.push_back(std::move(copy));
  }
  loaded.seconds = loader.seconds();
  CheckFit(loaded);
}

std::vector<WordStart> ChunkLoader::WordsOf(const LoadedUtterance& loaded,
                                            const FeatureMatrix& features, double speed) const {
  const std::vector<Index> first_labels = FirstLabels(units_, loaded.labels);
  if (options_.cut_at_pauses) return WordsByPauses(features, plan_.base_width, first_labels);
  const auto found = times_.find(loaded.utterance.id);
  if (found == times_.end()) return {};
  const std::string text =
      NormaliseTranscript(loaded.utterance.transcript, options_.units.letter_case);
  return WordsByTimes(found->second, text, first_labels, features.rows, options_.sound.features,
                      speed);
}

void ChunkLoader::CheckFit(const LoadedUtterance& loaded) const {
  const Index least = LeastStepsFor(loaded.labels);
  for (const LoadedCopy& copy : loaded.copies) {
    const Index frames = copy.features.rows;
    const Index steps = (frames + options_.subsampling - 1) / options_.subsampling;
    if (least <= steps) continue;
    throw BadData(
        "its {} labels need {} steps, and its {} frames make {}{}: the transcript is too long for "
        "the recording",
        loaded.labels.size(), least, frames, steps,
        options_.subsampling > 1 ? fmt::format(" at --subsampling {}", options_.subsampling) : "");
  }
}

std::string ChunkRecord::ToText() const {
  nlohmann::json json = {{"plan", plan_hash},
                         {"sequences", sequences},
                         {"utterances", utterances},
                         {"seconds", seconds},
                         {"with_words", with_words},
                         {"corpus", corpus},
                         {"problems", nlohmann::json::array()}};
  for (const Problem& problem : problems) {
    json["problems"].push_back(
        {problem.place.manifest, problem.place.number, problem.source, problem.id, problem.text});
  }
  return JsonTextOfAnyBytes(json);
}

ChunkRecord ChunkRecord::FromText(const std::string& text) {
  const auto json = ParseJson(text);
  ChunkRecord record;
  json.at("plan").get_to(record.plan_hash);
  record.sequences = IndexFrom(json.at("sequences"));
  record.utterances = IndexFrom(json.at("utterances"));
  // Older programs did not count them.
  record.with_words = json.contains("with_words") ? IndexFrom(json["with_words"]) : 0;
  json.at("seconds").get_to(record.seconds);
  json.at("corpus").get_to(record.corpus);
  for (const auto& p : json.at("problems")) {
    record.problems.push_back(
        {{static_cast<int>(IndexFrom(p.at(0))), IndexFrom(p.at(1))}, p.at(2), p.at(3), p.at(4)});
  }
  return record;
}

}  // namespace lockstep
