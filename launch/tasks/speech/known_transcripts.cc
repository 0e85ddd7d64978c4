#include "launch/tasks/speech/known_transcripts.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_text.h"
#include "data/batch/label_fit.h"

namespace lockstep {
namespace {

// The options of a search, which known transcripts need none of.
constexpr const char* kSearchOptions[] = {"decoder", "lm",        "words",     "beam",
                                          "n-best",  "lm-weight", "word-bonus"};

LetterCase CaseOf(const nlohmann::json& units) {
  const std::string name = units.value("letter_case", LetterCaseName(LetterCase::kAsWritten));
  for (const LetterCase known : {LetterCase::kAsWritten, LetterCase::kLower, LetterCase::kUpper}) {
    if (LetterCaseName(known) == name) return known;
  }
  throw BadData("corpus.json of the run: units have the letter case \"{}\", which is not known",
                name);
}

}  // namespace

void CheckAlignOptions(const Options& options) {
  if (!options.Has("align")) return;
  for (const char* name : kSearchOptions) {
    if (options.Has(name)) {
      throw UsageError("--{} is for finding words; --align takes the words as known", name);
    }
  }
  if (options.Has("audio") || options.Has("audio-list")) {
    throw UsageError(
        "--align needs transcripts, which --audio and --audio-list do not have: name the "
        "recordings in a --manifest with their texts, or use --corpus");
  }
}

TranscriptLabels::TranscriptLabels(const CorpusInfo& corpus) {
  const nlohmann::json json = ParseJson(corpus.units);
  const std::string kind = json.value("kind", std::string());
  for (const UnitKind known : {UnitKind::kLetters, UnitKind::kWords}) {
    if (kind != UnitKindName(known)) continue;
    const std::vector<std::string>& names = corpus.classes();
    units_.emplace(known, CaseOf(json), std::vector(names.begin() + 1, names.end()));
    return;
  }
  throw UsageError(
      "--align with --manifest needs labels that are letters or words; those of the run are {}: "
      "prepare a corpus of the manifest with the run's .model file, and use --corpus",
      kind);
}

std::vector<Index> TranscriptLabels::Encode(const std::string& transcript) const {
  const std::vector<std::int32_t> labels = units_->Encode(transcript);
  if (labels.empty()) throw BadData("its transcript is empty, so there is nothing to align");
  return {labels.begin(), labels.end()};
}

void CheckAlignable(const LogPosteriors& posteriors, std::span<const Index> labels) {
  constexpr Index kMostBytes = Index{1} << 30;
  const std::vector<std::int32_t> ids(labels.begin(), labels.end());
  const Index least = LeastStepsFor(ids), steps = posteriors.frames();
  if (least > steps) {
    throw BadData("its {} labels need {} steps, it has {}: the transcript is too long for it",
                  labels.size(), least, steps);
  }
  const Index states = 2 * std::ssize(labels) + 1;
  if (steps > kMostBytes / states) {
    throw BadData(
        "its {} steps and {} labels are too many to align at once (1 GiB); cut the recording into "
        "parts by a manifest with offset and duration",
        steps, labels.size());
  }
}

}  // namespace lockstep
