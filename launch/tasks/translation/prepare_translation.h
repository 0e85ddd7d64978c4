// `lockstep prepare translation`: parallel text -> corpus.
#pragma once

#include "launch/frame/verbs.h"

namespace lockstep {

ExitCode PrepareTranslationVerb(const Arguments& arguments);

}  // namespace lockstep
