// Compares the lengths in the header of a WAV file with the size of the file. libsndfile silently
// shortens a recording whose file was cut, and if a length is too small, it reads only that much;
// in both cases sound would be lost unnoticed. Files that are not WAV (RIFF, RIFX, RF64) are not
// checked.
#pragma once

#include <optional>
#include <string>

#include "data/speech/sound/file_view.h"

namespace lockstep {

// BadData if the data chunk is missing, longer than the file, not a whole number of frames, or
// followed by bytes that are not a chunk. MissingInput if the file does not exist.
//
// A program that writes into a pipe, or that is killed, leaves a length that it could not know: 0,
// or a number close to 2^31 or 2^32 (ffmpeg 0xFFFFFFFF, sox 0x7FFFF000, arecord 0x7FFFFF00, others
// less than that by the header or by a part of a frame). This means "to the end of the file", and
// the function returns how libsndfile must see the file: with the length that is there.
std::optional<ViewBounds> CheckRiffLengths(const std::string& path);

}  // namespace lockstep
