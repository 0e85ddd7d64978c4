#include "launch/report/event_curves.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <numeric>
#include <utility>

namespace lockstep {
namespace {

using Names = std::pair<std::string_view, std::string_view>;
// What other programs call the figures of metrics.jsonl.
constexpr std::array<Names, 8> kOtherNames = {{{"acc", "accuracy"},
                                               {"grad_norm", "gradient_norm"},
                                               {"gradnorm", "gradient_norm"},
                                               {"grad_norm_total", "gradient_norm"},
                                               {"lr", "learning_rate"},
                                               {"learningrate", "learning_rate"},
                                               {"ppl", "perplexity"},
                                               {"cross_entropy", "loss"}}};
constexpr std::array<std::string_view, 2> kTraining = {"train", "training"};
constexpr std::array<std::string_view, 6> kValidation = {"val",  "valid",      "validation",
                                                         "eval", "evaluation", "dev"};
constexpr std::string_view kTest = "test";

std::vector<std::string> WordsOf(const std::string& tag) {
  std::vector<std::string> words(1);
  for (const char c : tag) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 && std::isalnum(byte) == 0) {
      if (!words.back().empty()) words.emplace_back();
    } else {
      words.back() += byte < 0x80 ? static_cast<char>(std::tolower(byte)) : c;
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

Curve InOrder(const Curve& curve) {
  std::vector<std::size_t> order(curve.steps.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return curve.steps[i]; });
  Curve sorted;
  for (const std::size_t i : order) {
    sorted.steps.push_back(curve.steps[i]);
    sorted.values.push_back(curve.values[i]);
    sorted.seconds.push_back(curve.seconds[i]);
  }
  return sorted;
}

struct TagUse {
  FigureName figure;
  std::string why_not;  // it is not drawn; empty: it is drawn
};

// CurvesOfEvents and DrawnAs both go by this, so that the table says what the charts show.
std::map<std::string, TagUse> UsesOfTags(const EventScalars& scalars) {
  std::map<std::string, TagUse> uses;
  std::map<std::pair<bool, std::string>, std::string> taken;  // the tag that is drawn, by figure
  for (const auto& [tag, curve] : scalars.by_tag) {
    TagUse& use = uses[tag];
    use.figure = FigureOfTag(tag);
    if (use.figure.name.empty()) {
      use.why_not = "the tag names no figure";
    } else if (use.figure.is_of_test) {
      use.why_not = "a test is neither training nor validation";
    } else if (curve.steps.empty()) {
      use.why_not = "a restart made all values void";
    } else {
      const auto [place, is_new] =
          taken.try_emplace({use.figure.is_of_validation, use.figure.name}, tag);
      if (!is_new) use.why_not = place->second + " is that curve already";
    }
  }
  return uses;
}

}  // namespace

FigureName FigureOfTag(const std::string& tag) {
  FigureName figure;
  for (const std::string& word : WordsOf(tag)) {
    if (std::ranges::find(kTraining, word) != kTraining.end()) continue;
    if (std::ranges::find(kValidation, word) != kValidation.end()) {
      figure.is_of_validation = true;
    } else if (word == kTest) {
      figure.is_of_test = true;
    } else {
      figure.name += (figure.name.empty() ? "" : "_") + word;
    }
  }
  const auto* const known = std::ranges::find(kOtherNames, figure.name, &Names::first);
  if (known != kOtherNames.end()) figure.name = known->second;
  return figure;
}

std::map<std::string, std::string> DrawnAs(const EventScalars& scalars) {
  std::map<std::string, std::string> texts;
  for (const auto& [tag, use] : UsesOfTags(scalars)) {
    const std::string kind = use.figure.is_of_validation ? "validation " : "training ";
    texts[tag] = use.why_not.empty() ? kind + use.figure.name : "not drawn: " + use.why_not;
  }
  return texts;
}

RunCurves CurvesOfEvents(const EventScalars& scalars, const std::string& name) {
  RunCurves run;
  run.name = name;
  for (const auto& [tag, use] : UsesOfTags(scalars)) {
    if (!use.why_not.empty()) continue;
    auto& curves = use.figure.is_of_validation ? run.validation : run.training;
    Curve& curve = curves[use.figure.name];
    curve = InOrder(scalars.by_tag.at(tag));
    run.last_step = std::max(run.last_step, curve.steps.back());
  }
  return run;
}

}  // namespace lockstep
