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
constexpr std::array<std::string_view, 7> kValidation = {
    "val", "valid", "validation", "eval", "evaluation", "dev", "test"};

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

}  // namespace

FigureName FigureOfTag(const std::string& tag) {
  FigureName figure;
  for (const std::string& word : WordsOf(tag)) {
    if (std::ranges::find(kTraining, word) != kTraining.end()) continue;
    if (std::ranges::find(kValidation, word) != kValidation.end()) {
      figure.is_of_validation = true;
    } else {
      figure.name += (figure.name.empty() ? "" : "_") + word;
    }
  }
  const auto* const known = std::ranges::find(kOtherNames, figure.name, &Names::first);
  if (known != kOtherNames.end()) figure.name = known->second;
  return figure;
}

RunCurves CurvesOfEvents(const EventScalars& scalars, const std::string& name) {
  RunCurves run;
  run.name = name;
  for (const auto& [tag, curve] : scalars.by_tag) {
    const FigureName figure = FigureOfTag(tag);
    if (figure.name.empty() || curve.steps.empty()) continue;
    auto& curves = figure.is_of_validation ? run.validation : run.training;
    const auto [place, is_new] = curves.try_emplace(figure.name);
    if (!is_new) continue;
    place->second = InOrder(curve);
    run.last_step = std::max(run.last_step, place->second.steps.back());
  }
  return run;
}

}  // namespace lockstep
