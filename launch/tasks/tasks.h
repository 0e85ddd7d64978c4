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

// Names the unit that a user counts the steps of the corpus in, where the corpus was made before
// corpora said so themselves: bases, or frames and their seconds.
void NameUnit(CorpusInfo* corpus);

}  // namespace lockstep
