// The scalars of other programs as the figures that reports draw. Programs name them as they like
// ("Loss/train", "val_loss", "eval/accuracy"), so the words of a tag decide: one of train,
// training, val, valid, validation, eval, evaluation, dev, test says where it belongs (none:
// training), and the others are the name of the figure. Figures of a test are not drawn: they are
// no validation, and reports have no third kind of curve.
#pragma once

#include <map>
#include <string>

#include "launch/report/event_file.h"

namespace lockstep {

struct FigureName {
  bool is_of_validation = false;
  bool is_of_test = false;  // also if other words of the tag say validation
  std::string name;         // "loss", "gradient_norm", "learning_rate", "top_5_accuracy"
};
FigureName FigureOfTag(const std::string& tag);

// What becomes of each tag, for people: "validation loss", or "not drawn: " and the reason. If
// several tags are the same figure, the first in the order of the alphabet is drawn.
std::map<std::string, std::string> DrawnAs(const EventScalars& scalars);

// The curves that are drawn, in the order of their steps; `name` is shown for the run.
RunCurves CurvesOfEvents(const EventScalars& scalars, const std::string& name);

}  // namespace lockstep
