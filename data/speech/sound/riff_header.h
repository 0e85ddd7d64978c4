// Compares the lengths in the header of a WAV file with the size of the file. libsndfile silently
// shortens a recording whose file was cut, and if a length is too small, it reads only that much;
// in both cases sound would be lost unnoticed. Files that are not WAV (RIFF, RIFX, RF64) are not
// checked.
#pragma once

#include <string>

namespace lockstep {

// BadData if the data chunk is missing, longer than the file, not a whole number of frames, or
// followed by bytes that are not a chunk. The latter happens when a recorder was killed: it leaves
// a length of 0, followed by the sound. A length of 0xFFFFFFFF or 0x7FFFF000, which ffmpeg and sox
// write into a pipe, means "to the end of the file". MissingInput if the file does not exist.
void CheckRiffLengths(const std::string& path);

}  // namespace lockstep
