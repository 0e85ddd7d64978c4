#include "launch/tasks/tasks.h"

#include <algorithm>
#include <array>

#include "launch/tasks/arrays/arrays_task.h"
#include "launch/tasks/dna/dna_task.h"
#include "launch/tasks/music/music_task.h"
#include "launch/tasks/speech/speech_task.h"
#include "launch/tasks/text/language_task.h"
#include "launch/tasks/text/text_task.h"

namespace lockstep {

std::span<const Task> Tasks() {
  static const std::array kTasks = {DnaTask(),   SpeechTask(),        TextTask(),    ArraysTask(),
                                    MusicTask(), LanguageModelTask(), LanguageTask()};
  return kTasks;
}

const Task* TaskOf(const std::string& kind) {
  const auto found = std::ranges::find_if(Tasks(), [&](const Task& t) { return t.kind == kind; });
  return found == Tasks().end() ? nullptr : &*found;
}

void CompleteSchema(CorpusInfo* corpus) {
  if (corpus->kind == "music") corpus->schema.predicts_next = true;
  if (corpus->kind == "dna") corpus->schema.unit = "bases";
  if (corpus->kind != "speech") return;
  corpus->schema.unit = "frames";
  corpus->schema.seconds_per_step = SpeechFrameSeconds(*corpus);
}

}  // namespace lockstep
