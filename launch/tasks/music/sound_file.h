// Writes a piano roll as sound.
#pragma once

#include <string>

#include "data/music/synthesiser.h"

namespace lockstep {

// Writes a WAV file (PCM, 16 bits, one channel) with what PlayRoll gives. IoError like PartFile;
// UsageError if it would have more than 2 GiB, which a WAV file cannot hold.
void WriteSound(const PianoRoll& roll, const SoundOptions& options, const std::string& path);

}  // namespace lockstep
