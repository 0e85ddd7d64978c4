#include "launch/tasks/music/music_parts.h"

#include <fmt/format.h>

#include "data/music/music_corpus.h"
#include "launch/output/svg_text.h"
#include "launch/output/wide_picture.h"
#include "launch/tasks/music/compose.h"
#include "launch/tasks/music/piano_roll_svg.h"

namespace lockstep {

ReportParts MakeMusicParts(const Communicator& /*comm*/, const SplitTest& test) {
  constexpr Index kSteps = 64;
  const TrainedModel& trained = *test.trained;
  if (trained.model->carried().arrays == 0) return {};  // it reads backwards, too
  CompositionOptions options;
  options.length = kSteps;
  const std::vector<PianoRoll> pieces = Compose(trained, options);
  const std::string svg = PianoRollSvg(pieces[0], StepsPerBeat(test.corpus->task, trained.path), 0);
  return {{"Piano roll of a new piece",
           fmt::format("<p>The first {} steps that {} makes from silence with seed 1.</p>\n{}",
                       kSteps, XmlText(Describe(trained)), WidePicture(svg))}};
}

}  // namespace lockstep
