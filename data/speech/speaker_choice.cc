#include "data/speech/speaker_choice.h"

#include <algorithm>
#include <set>
#include <span>

#include "base/closest_name.h"
#include "base/counter_rng.h"
#include "base/error.h"
#include "data/speech/manifests/manifest_list.h"

namespace lockstep {
namespace {

std::vector<std::string> Match(const char* option, const std::vector<std::string>& patterns,
                               const std::vector<std::string>& found, const std::string& manifest) {
  std::set<std::string> chosen;
  for (const std::string& pattern : patterns) {
    bool any = false;
    for (const std::string& speaker : found) {
      if (speaker != pattern && !MatchesPattern(pattern, speaker)) continue;
      chosen.insert(speaker);
      any = true;
    }
    if (any) continue;
    throw UsageError("--{}: {} has no speaker \"{}\"; {}", option, manifest, pattern,
                     found.empty() ? "it names no speakers" : SuggestNames(pattern, found));
  }
  return {chosen.begin(), chosen.end()};
}

// Draws from the speakers that are not for the test.
std::vector<std::string> Draw(const SpeechOptions& options, const std::vector<std::string>& found,
                              const std::vector<std::string>& test) {
  std::vector<std::string> left;
  std::set_difference(found.begin(), found.end(), test.begin(), test.end(),
                      std::back_inserter(left));
  if (options.hold_out_speakers >= static_cast<Index>(left.size())) {
    throw UsageError(
        "--hold-out-speakers is {}, and the manifest {} has {} speakers; leave some for training",
        options.hold_out_speakers, options.splits[0].manifest.path, left.size());
  }
  CounterRng(options.seed, RandomPurpose::kSpeech, 0).Shuffle(std::span(left));
  left.resize(static_cast<std::size_t>(options.hold_out_speakers));
  std::sort(left.begin(), left.end());
  return left;
}

}  // namespace

ChosenSpeakers ChooseSpeakers(const SpeechOptions& options, const std::vector<std::string>& found) {
  const std::string& manifest = options.splits[0].manifest.path;
  ChosenSpeakers chosen;
  chosen.test = Match("test-speakers", options.test_speakers, found, manifest);
  chosen.valid = options.hold_out_speakers > 0
                     ? Draw(options, found, chosen.test)
                     : Match("valid-speakers", options.valid_speakers, found, manifest);
  std::vector<std::string> both;
  std::set_intersection(chosen.valid.begin(), chosen.valid.end(), chosen.test.begin(),
                        chosen.test.end(), std::back_inserter(both));
  if (!both.empty()) {
    throw UsageError("speaker \"{}\" is for validation and for the test; choose one of them",
                     both.front());
  }
  if (!found.empty() && chosen.valid.size() + chosen.test.size() == found.size()) {
    throw UsageError(
        "--valid-speakers and --test-speakers take all {} speakers of {}; leave some for training",
        found.size(), manifest);
  }
  return chosen;
}

}  // namespace lockstep
