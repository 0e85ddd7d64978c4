// Compares the length of the sound that the header of an AIFF, AU or W64 file gives with the size
// of the file. libsndfile silently shortens a recording whose file was cut. riff_header.h does the
// same for WAV.
#pragma once

#include <string>

namespace lockstep {

// BadData if the header promises more sound than the file holds, or if bytes follow the sound of an
// AU file, which libsndfile would not read. A length that stands for "unknown", as programs write
// it into a pipe, means "to the end of the file". Does nothing for files of other formats.
void CheckDeclaredLengths(const std::string& path);

}  // namespace lockstep
