// `lockstep prepare music`: MIDI files and piano rolls to a corpus (docs/music.md).
#pragma once

#include "launch/frame/options.h"

namespace lockstep {

// `arguments` are those after the word music.
ExitCode PrepareMusicVerb(const Arguments& arguments);

}  // namespace lockstep
