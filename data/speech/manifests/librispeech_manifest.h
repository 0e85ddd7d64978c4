// Reads folders with the layout of LibriSpeech: SPEAKER/CHAPTER/ID.flac beside
// SPEAKER-CHAPTER.trans.txt, whose lines consist of an id, a blank and the transcript.
#pragma once

#include <memory>

#include "data/speech/manifests/manifest.h"

namespace lockstep {

// True if there is a file *.trans.txt below the folder.
bool HasLibriSpeechLayout(const std::string& folder);

// Opens a folder; transcript files are read in the order of their sorted paths. The speaker is the
// name of the folder above the chapter. Links to folders are followed. Recordings without a line
// are counted in Remarks. Recordings are .flac, or .wav if a chapter has no .flac.
// UsageError if the spec has an audio root, since recordings lie beside their transcript files.
std::unique_ptr<ManifestReader> OpenLibriSpeech(const ManifestSpec& spec);

}  // namespace lockstep
