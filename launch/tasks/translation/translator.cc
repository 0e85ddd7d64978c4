#include "launch/tasks/translation/translator.h"

#include <algorithm>

#include "base/error.h"

namespace lockstep {
namespace {

// Bounds of the sources of this slot; targets are not read.
SlotBounds BoundsOfSources(const SlotBatch& sources) {
  const PackedLayout& layout = sources.layout;
  return {.sequences = layout.sequences(),
          .steps = layout.steps(),
          .rows = layout.rows(),
          .field_rows = {layout.rows(), 0},
          .longest = {layout.steps(), 0}};
}

bool Fits(const SlotBounds& inner, const SlotBounds& outer) {
  return inner.sequences <= outer.sequences && inner.steps <= outer.steps &&
         inner.rows <= outer.rows;
}

}  // namespace

Translator::Translator(std::vector<const TrainedModel*> models, const Vocabulary& target,
                       const SearchOptions& options, int threads)
    : models_(std::move(models)),
      start_(target.start),
      end_(target.end),
      options_(options),
      members_(static_cast<std::size_t>(threads)) {
  const SlotBounds one{
      .sequences = 1, .steps = 1, .rows = 1, .field_rows = {1, 0}, .longest = {1, 0}};
  const Steppers steppers = Open(one);
  for (std::size_t m = 0; m < models_.size(); ++m) {
    if (steppers[m] != nullptr) continue;
    throw UsageError("{} does not write targets; train a model on parallel text", models_[m]->path);
  }
}

Translator::Steppers Translator::Open(const SlotBounds& bounds) const {
  Steppers steppers;
  for (const TrainedModel* trained : models_) {
    steppers.push_back(trained->model->OpenTokenStepper(trained->values.data(), bounds,
                                                        bounds.sequences * options_.beam));
  }
  return steppers;
}

void Translator::MakeRoom(const SlotBatch& sources, Member* member) const {
  const SlotBounds needed = BoundsOfSources(sources);
  if (!member->steppers.empty() && Fits(needed, member->bounds)) return;
  member->bounds = member->steppers.empty() ? needed : Larger(needed, member->bounds);
  member->steppers.clear();  // first, so that old and new are not in memory together
  member->steppers = Open(member->bounds);
}

std::vector<std::vector<Hypothesis>> Translator::Translate(int member, const SlotBatch& sources) {
  Member& own = members_[static_cast<std::size_t>(member)];
  MakeRoom(sources, &own);
  std::vector<TokenStepper<float>*> steppers;
  for (const auto& stepper : own.steppers) steppers.push_back(stepper.get());
  return SearchTokens(steppers, sources, start_, end_, options_);
}

}  // namespace lockstep
