// The scalars of other programs as the figures that reports draw. Programs name them as they like
// ("Loss/train", "val_loss", "eval/accuracy"), so the words of a tag decide: one of train,
// training, val, valid, validation, eval, evaluation, dev, test says where it belongs (none:
// training), and the others are the name of the figure.
#pragma once

#include <string>

#include "launch/report/event_file.h"

namespace lockstep {

struct FigureName {
  bool is_of_validation = false;
  std::string name;  // "loss", "gradient_norm", "learning_rate", "top_5_accuracy"
};
FigureName FigureOfTag(const std::string& tag);

// Curves in the order of their steps; `name` is shown for the run. If several tags are the same
// figure, the first in the order of the alphabet is taken.
RunCurves CurvesOfEvents(const EventScalars& scalars, const std::string& name);

}  // namespace lockstep
