#include "launch/config/idle_keys.h"

#include <gmock/gmock.h>

#include <filesystem>

namespace lockstep {
namespace {

std::vector<std::string> IdleWith(const std::vector<const char*>& settings) {
  Config config;
  for (const char* setting : settings) config.SetFromCommandLine(setting);
  config.ThrowProblems();
  return FindIdleKeys(config);
}

TEST(IdleKeys, DefaultsAndValuesThatEqualThemAreNotNamed) {
  EXPECT_THAT(IdleWith({}), testing::IsEmpty());
  EXPECT_THAT(IdleWith({"model.dropout=0", "augment.time_masks=0"}), testing::IsEmpty());
}

TEST(IdleKeys, AKeyIsNamedWithItsValueItsOriginAndWhatWouldAct) {
  EXPECT_THAT(IdleWith({"model.dropout=0.3"}),
              testing::ElementsAre(testing::AllOf(
                  testing::StartsWith("model.dropout is 0.3 (command line), which has no effect: "),
                  testing::HasSubstr("model.pooled_dropout"))));
}

struct Example {
  const char* key;
  const char* idle;    // a setting of the key
  const char* needed;  // with which it has an effect
};

TEST(IdleKeys, AKeyIsIdleUntilWhatItNeedsIsSet) {
  for (const Example& example : {
           Example{"model.dropout", "0.3", "model.layers=2"},
           Example{"model.dropout", "0.3", "model.decoder_layers=2"},
           Example{"model.variational_dropout", "true", "model.output_dropout=0.1"},
           Example{"model.dense_size", "7", "model.dense_layers=1"},
           Example{"model.dense_dropout", "0.2", "model.dense_layers=1"},
           Example{"augment.time_masks", "2", "augment.time_mask_frames=5"},
           Example{"augment.time_mask_frames", "5", "augment.time_masks=1"},
           Example{"augment.band_masks", "2", "augment.band_mask_bins=5"},
           Example{"augment.band_mask_bins", "5", "augment.band_masks=1"},
           Example{"augment.noise_snr", "1,2", "augment.noise_share=0.5"},
           Example{"optimizer.momentum", "0.5", "optimizer.name=sgd"},
           Example{"optimizer.rho", "0.5", "optimizer.name=rmsprop"},
           Example{"schedule.decay_steps", "5", "schedule.name=step"},
           Example{"schedule.constant_steps", "5", "schedule.name=step"},
           Example{"schedule.factor", "0.1", "schedule.name=plateau"},
           Example{"schedule.patience", "5", "schedule.name=plateau"},
           Example{"schedule.plateau_by", "metric", "schedule.name=plateau"},
           Example{"clip.quantile", "0.5", "clip.mode=adaptive"},
           Example{"clip.window", "50", "clip.mode=adaptive"},
           Example{"train.average_decay", "0.5", "train.average_weights=ema"},
           Example{"train.average_from", "5", "train.average_weights=mean"},
           Example{"train.average_patience", "7", "train.average_weights=mean_on_plateau"},
           Example{"train.scheduled_sampling_steps", "5", "train.scheduled_sampling=0.1"},
       }) {
    const std::string setting = std::string(example.key) + "=" + example.idle;
    EXPECT_THAT(IdleWith({setting.c_str()}),
                testing::ElementsAre(testing::StartsWith(example.key)));
    EXPECT_THAT(IdleWith({setting.c_str(), example.needed}),
                testing::Not(testing::Contains(testing::StartsWith(example.key))));
  }
}

TEST(IdleKeys, RulesThatUpdateHaveTheirOwnKeys) {
  const std::vector<const char*> of_adam = {"optimizer.beta1=0.5", "optimizer.beta2=0.5",
                                            "optimizer.epsilon=0.5"};
  EXPECT_THAT(IdleWith(of_adam), testing::IsEmpty());
  auto with = of_adam;
  with.push_back("optimizer.name=rmsprop");
  EXPECT_EQ(IdleWith(with).size(), 2u);
  with.back() = "optimizer.name=sgd";
  EXPECT_EQ(IdleWith(with).size(), 3u);
}

TEST(IdleKeys, TheBoundOfClippingNeedsClipping) {
  EXPECT_THAT(IdleWith({"clip.max_norm=5"}), testing::IsEmpty());
  EXPECT_EQ(IdleWith({"clip.max_norm=5", "clip.mode=off"}).size(), 1u);
}

TEST(IdleKeys, RecipesHaveNone) {
  Index files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(LOCKSTEP_RECIPES)) {
    if (entry.path().extension() != ".toml") continue;
    Config config;
    config.ReadFile(entry.path());
    config.ThrowProblems();
    EXPECT_THAT(FindIdleKeys(config), testing::IsEmpty()) << entry.path();
    ++files;
  }
  EXPECT_GT(files, 20);
}

}  // namespace
}  // namespace lockstep
