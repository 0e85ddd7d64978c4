// Language models of texts: the next symbol of an endless stream.
#pragma once

#include "launch/run/task.h"

namespace lockstep {

Task LanguageTask();

}  // namespace lockstep
