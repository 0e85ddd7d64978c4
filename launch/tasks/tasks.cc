#include "launch/tasks/tasks.h"

#include <algorithm>
#include <array>

#include "launch/tasks/arrays/arrays_task.h"
#include "launch/tasks/dna/dna_task.h"
#include "launch/tasks/music/music_task.h"
#include "launch/tasks/protein/protein_task.h"
#include "launch/tasks/speech/speech_task.h"
#include "launch/tasks/text/language_task.h"
#include "launch/tasks/text/text_task.h"
#include "launch/tasks/translation/translation_task.h"

namespace lockstep {

std::span<const Task> Tasks() {
  static const std::array kTasks = {DnaTask(),           SpeechTask(),   TextTask(),
                                    ArraysTask(),        MusicTask(),    ProteinTask(),
                                    LanguageModelTask(), LanguageTask(), TranslationTask()};
  return kTasks;
}

const Task* TaskOf(const std::string& kind) {
  const auto found = std::ranges::find_if(Tasks(), [&](const Task& t) { return t.kind == kind; });
  return found == Tasks().end() ? nullptr : &*found;
}

const OptionRow* FirstForeign(const Options& options, std::span<const OptionRow> rows,
                              std::span<const OptionRow> own) {
  const auto is_foreign = [&](const OptionRow& row) {
    return options.Has(row.name()) &&
           std::ranges::find(own, row.name(), &OptionRow::name) == own.end();
  };
  const auto found = std::ranges::find_if(rows, is_foreign);
  return found == rows.end() ? nullptr : &*found;
}

void CompleteSchema(CorpusInfo* corpus) {
  if (corpus->kind == "music") corpus->schema.predicts_next = true;
  if (corpus->kind == "dna") corpus->schema.unit = "bases";
  if (corpus->kind != "speech") return;
  corpus->schema.unit = "frames";
  corpus->schema.seconds_per_step = SpeechFrameSeconds(*corpus);
}

}  // namespace lockstep
