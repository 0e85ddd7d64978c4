#include "data/speech/speech_plan.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "tests/support/expect_error.h"

namespace lockstep {
namespace {

SpeechPlan SomePlan() {
  SpeechPlan plan;
  plan.splits = {"train", "valid"};
  plan.chunks = {{"train", 0, 0, 100}, {"valid", 1, 0, 7}};
  plan.bad = {{1, 3}};
  plan.base_width = 40;
  plan.source = UtteranceKind::kMfc;
  plan.unit_model = std::string("\0\xff", 2);
  return plan;
}

TEST(SpeechPlan, ComesBackFromItsText) {
  const SpeechPlan plan = SpeechPlan::FromText(SomePlan().ToText());
  EXPECT_EQ(plan.ToText(), SomePlan().ToText());
  EXPECT_EQ(plan.chunks[1].end, 7);
  EXPECT_EQ(plan.unit_model, SomePlan().unit_model);
}

TEST(SpeechPlan, NumbersThatAreNoneAreRefused) {
  using Json = nlohmann::json;
  for (const char* place : {"/base_width", "/source", "/chunks/0/1", "/chunks/0/3", "/bad/0/1"}) {
    for (const Json& forged : {Json(-1e300), Json(~std::uint64_t{0}), Json("1")}) {
      Json json = ParseJson(SomePlan().ToText());
      json.at(Json::json_pointer(place)) = forged;
      ExpectError(ExitCode::kBadData, "is no whole number",
                  [&] { SpeechPlan::FromText(JsonText(json)); });
    }
  }
  Json json = ParseJson(SomePlan().ToText());
  json["chunks"][0][1] = Index{1} << 40;
  ExpectError(ExitCode::kBadData, "too large a number",
              [&] { SpeechPlan::FromText(JsonText(json)); });
}

}  // namespace
}  // namespace lockstep
