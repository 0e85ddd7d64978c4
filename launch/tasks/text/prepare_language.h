// `lockstep prepare language`, also `prepare text --task lm`: texts to one stream of symbols for
// language models (docs/language.md).
#pragma once

#include "launch/frame/options.h"

namespace lockstep {

// `arguments` are those after the word language.
ExitCode PrepareLanguageVerb(const Arguments& arguments);

}  // namespace lockstep
