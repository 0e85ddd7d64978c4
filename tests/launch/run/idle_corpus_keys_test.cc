#include "launch/run/idle_corpus_keys.h"

#include <gmock/gmock.h>

namespace lockstep {
namespace {

CorpusInfo ClassCorpus(Index valid) {
  CorpusInfo corpus;
  corpus.schema.fields = {{.name = "inputs", .vocabulary = 0},
                          {.name = "targets",
                           .alignment = Alignment::kSequence,
                           .role = FieldRole::kTarget,
                           .vocabulary = 1}};
  corpus.splits["train"].sequences = 5;
  corpus.splits["valid"].sequences = valid;
  return corpus;
}

std::vector<std::string> IdleWith(const char* setting, const CorpusInfo& corpus) {
  Config config;
  config.SetFromCommandLine(setting);
  config.ThrowProblems();
  return FindIdleCorpusKeys(config, corpus);
}

TEST(IdleCorpusKeys, TheErrorOfRealTargetsNeedsRealTargets) {
  CorpusInfo corpus = ClassCorpus(1);
  EXPECT_THAT(
      IdleWith("model.loss=absolute", corpus),
      testing::ElementsAre(testing::StartsWith("model.loss is absolute (command line), which")));
  corpus.schema.fields[1].type = ElementType::kFloat32;
  EXPECT_THAT(IdleWith("model.loss=absolute", corpus), testing::IsEmpty());
}

TEST(IdleCorpusKeys, ValidationsNeedASplit) {
  for (const char* setting : {"validation.every=5", "validation.metric=accuracy"}) {
    EXPECT_EQ(IdleWith(setting, ClassCorpus(0)).size(), 1u);
    EXPECT_THAT(IdleWith(setting, ClassCorpus(1)), testing::IsEmpty());
  }
}

TEST(IdleCorpusKeys, KeysOfADecoderNeedTargetsOfTheirOwnLength) {
  for (const char* setting : {"model.attention=none", "model.decoder_layers=2",
                              "model.input_feeding=true", "train.scheduled_sampling=0.1"}) {
    CorpusInfo corpus = ClassCorpus(1);
    corpus.schema.fields[1].alignment = Alignment::kOwnSteps;
    EXPECT_THAT(IdleWith(setting, corpus), testing::IsEmpty());
    corpus.schema.fields[1].alignment = Alignment::kStep;
    EXPECT_EQ(IdleWith(setting, corpus).size(), 1u) << setting;
  }
}

}  // namespace
}  // namespace lockstep
