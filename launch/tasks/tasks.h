// All tasks, in one table: adding a task adds a row.
#pragma once

#include <span>

#include "launch/run/task.h"

namespace lockstep {

std::span<const Task> Tasks();
// The task that makes corpora of this kind, or nullptr.
const Task* TaskOf(const std::string& kind);

// The first option of `rows` that was given and is not among `own`, or nullptr: several tasks may
// have options of the same name.
const OptionRow* FirstForeign(const Options& options, std::span<const OptionRow> rows,
                              std::span<const OptionRow> own);

// Adds to the schema what corpora of this kind do not say of themselves: the unit that a user
// counts the steps in (bases, or frames and their seconds), and that the notes of a step of music
// are the input of the next one (Schema::predicts_next). To be called before OptionsFor.
void CompleteSchema(CorpusInfo* corpus);

}  // namespace lockstep
