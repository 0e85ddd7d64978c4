#include "launch/report/event_curves.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace lockstep {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(FigureOfTag, TheWordsOfATagDecide) {
  const auto text = [](const std::string& tag) {
    const FigureName figure = FigureOfTag(tag);
    const char* const kind = figure.is_of_validation ? "validation" : "training";
    return fmt::format("{} {}", figure.is_of_test ? "test" : kind, figure.name);
  };
  EXPECT_EQ(text("Loss/train"), "training loss");
  EXPECT_EQ(text("val_loss"), "validation loss");
  EXPECT_EQ(text("eval/accuracy"), "validation accuracy");
  EXPECT_EQ(text("train/grad_norm"), "training gradient_norm");
  EXPECT_EQ(text("lr"), "training learning_rate");
  EXPECT_EQ(text("test/top-5 acc"), "test top_5_acc");
  EXPECT_EQ(text("train"), "training ");
}

EventScalars ScalarsOfTags(const std::vector<std::string>& tags) {
  EventScalars scalars;
  for (const std::string& tag : tags) {
    const auto number = static_cast<double>(scalars.by_tag.size());
    scalars.by_tag[tag] = {{1}, {number}, {1}};
  }
  return scalars;
}

TEST(CurvesOfEvents, ATestIsNoValidation) {
  const EventScalars scalars = ScalarsOfTags({"loss/test", "loss/val"});
  EXPECT_THAT(DrawnAs(scalars),
              ElementsAre(Pair("loss/test", "not drawn: a test is neither training nor validation"),
                          Pair("loss/val", "validation loss")));
  const RunCurves run = CurvesOfEvents(scalars, "other");
  EXPECT_TRUE(run.training.empty());
  EXPECT_EQ(run.validation.size(), 1u);
  EXPECT_THAT(run.validation.at("loss").values, ElementsAre(1));
}

TEST(CurvesOfEvents, OfSeveralTagsForOneFigureTheFirstIsDrawn) {
  EventScalars scalars = ScalarsOfTags({"Aa/Loss", "Loss/Train", "loss", "train/loss", "val/loss"});
  EXPECT_THAT(DrawnAs(scalars),
              ElementsAre(Pair("Aa/Loss", "training aa_loss"), Pair("Loss/Train", "training loss"),
                          Pair("loss", "not drawn: Loss/Train is that curve already"),
                          Pair("train/loss", "not drawn: Loss/Train is that curve already"),
                          Pair("val/loss", "validation loss")));
  EXPECT_THAT(CurvesOfEvents(scalars, "other").training.at("loss").values, ElementsAre(1));
  scalars.by_tag["Loss/Train"] = {};
  EXPECT_EQ(DrawnAs(scalars)["Loss/Train"], "not drawn: a restart made all values void");
  EXPECT_EQ(DrawnAs(scalars)["loss"], "training loss");
  EXPECT_THAT(CurvesOfEvents(scalars, "other").training.at("loss").values, ElementsAre(2));
}

TEST(CurvesOfEvents, ATagOfNoFigureIsNotDrawn) {
  const EventScalars scalars = ScalarsOfTags({"", "///", "val", "train", "test"});
  for (const auto& [tag, text] : DrawnAs(scalars))
    EXPECT_EQ(text, "not drawn: the tag names no figure") << tag;
  EXPECT_TRUE(CurvesOfEvents(scalars, "other").empty());
}

}  // namespace
}  // namespace lockstep
