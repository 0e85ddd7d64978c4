#include "launch/run/idle_corpus_keys.h"

#include "base/log.h"
#include "data/stream/batch_reader.h"
#include "launch/config/idle_keys.h"

namespace lockstep {
namespace {

bool HasRealTarget(const CorpusInfo& corpus) {
  return !corpus.is_stream() && corpus.target().is_real();
}

bool HasValidation(const CorpusInfo& corpus) {
  const auto valid = corpus.splits.find(ValidationOptions().split);
  return valid != corpus.splits.end() && valid->second.sequences > 0;
}

constexpr const char* kNoValidation =
    "the corpus has no validation split; run prepare with one, such as --valid-fraction 0.1";
constexpr const char* kNoDecoder =
    "it belongs to a decoder, which writes targets of their own length; the corpus has others";

constexpr EffectRule<CorpusInfo> kRules[] = {
    {"model.loss", HasRealTarget, "it is the error of real-valued targets; the corpus has others"},
    {"model.attention", WritesTargets, kNoDecoder},
    {"model.decoder_layers", WritesTargets, kNoDecoder},
    {"model.input_feeding", WritesTargets, kNoDecoder},
    {"train.scheduled_sampling", WritesTargets, kNoDecoder},
    {"validation.every", HasValidation, kNoValidation},
    {"validation.metric", HasValidation, kNoValidation},
};

}  // namespace

std::vector<std::string> FindIdleCorpusKeys(const Config& config, const CorpusInfo& corpus) {
  return FindIdle(config, std::span<const EffectRule<CorpusInfo>>(kRules), corpus);
}

void WarnOfIdleKeys(const Config& config, const CorpusInfo& corpus) {
  for (const std::string& sentence : FindIdleKeys(config)) LogWarning("{}", sentence);
  for (const std::string& sentence : FindIdleCorpusKeys(config, corpus)) LogWarning("{}", sentence);
}

}  // namespace lockstep
