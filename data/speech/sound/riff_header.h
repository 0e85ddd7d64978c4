// The lengths in the header of a WAV file, held against the size of the file. libsndfile silently
// shortens a recording whose file was cut, and reads only what a wrong length admits; both lose
// sound that nobody misses. Files that are no WAV (RIFF, RIFX, RF64) pass unseen.
#pragma once

#include <string>

namespace lockstep {

// BadData when the data chunk is missing, longer than the file, no whole number of frames, or
// followed by bytes that are no chunk (as is the sound behind a length of 0, which recorders leave
// that were stopped hard). A length of 0xFFFFFFFF or 0x7FFFF000 is what ffmpeg and sox write into a
// pipe: it means "to the end of the file".
// MissingInput when the file is not there.
void CheckRiffLengths(const std::string& path);

}  // namespace lockstep
