#include "launch/tasks/speech/speech_scoring.h"

#include <nlohmann/json.hpp>

#include "launch/tasks/speech/speech_recognition.h"

namespace lockstep {
namespace {

constexpr std::uint64_t kBootstrapSeed = 1;
constexpr Index kMostConfusions = 10;

nlohmann::ordered_json ToJson(const ErrorRate& rate) {
  const ErrorCounts& total = rate.total();
  const RateInterval interval = rate.Bootstrap(kBootstrapSeed);
  return {{"rate", total.rate()},
          {"low", interval.low},
          {"high", interval.high},
          {"reference", total.reference_tokens()},
          {"substitutions", total.substitutions},
          {"insertions", total.insertions},
          {"deletions", total.deletions}};
}

std::string ToText(const char* name, const ErrorRate& rate) {
  const ErrorCounts& total = rate.total();
  const RateInterval interval = rate.Bootstrap(kBootstrapSeed);
  return fmt::format(
      "{} {:.2f} % (95 %: {:.2f} to {:.2f}): {} substitutions, {} insertions, {} deletions in {}",
      name, 100 * total.rate(), 100 * interval.low, 100 * interval.high, total.substitutions,
      total.insertions, total.deletions, total.reference_tokens());
}

class SpeechScoring : public Scoring {
 public:
  SpeechScoring(const Options& options, const CorpusInfo& corpus) : decoder_(options, corpus) {}

  void Score(const Communicator& comm, const SplitTest& test) override {
    errors_ = CountSpeechErrors(comm, {test.folder, test.corpus, test.split}, *test.trained,
                                decoder_, test.threads);
  }

  nlohmann::ordered_json Fields(const Evaluation& found) const override {
    return {{"utterances", errors_.words.utterances()},
            {"words", ToJson(errors_.words)},
            {"characters", ToJson(errors_.characters)},
            {"loss", found.loss},
            {"decoder", decoder_.Describe()}};
  }

  std::string Text(const Evaluation& found) const override {
    std::string text = fmt::format("{} utterances, {} wrong, loss {:.4f} nats, {}\n{}\n{}\n",
                                   errors_.words.utterances(), errors_.words.wrong_utterances(),
                                   found.loss, decoder_.Describe(), ToText("WER", errors_.words),
                                   ToText("CER", errors_.characters));
    for (const Confusion& pair : errors_.words.Confusions(kMostConfusions))
      text += fmt::format("{:6} x {} -> {}\n", pair.count, pair.reference, pair.hypothesis);
    return text;
  }

 private:
  SpeechDecoder decoder_;
  SpeechErrors errors_;
};

}  // namespace

std::unique_ptr<Scoring> MakeSpeechScoring(const Options& options, const CorpusInfo& corpus) {
  return std::make_unique<SpeechScoring>(options, corpus);
}

}  // namespace lockstep
