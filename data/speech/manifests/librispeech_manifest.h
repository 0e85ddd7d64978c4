// The layout of LibriSpeech: SPEAKER/CHAPTER/ID.flac beside SPEAKER-CHAPTER.trans.txt, whose lines
// are an id, a blank and the transcript.
#pragma once

#include <memory>

#include "data/speech/manifests/manifest.h"

namespace lockstep {

// Whether there is a *.trans.txt below the folder.
bool HasLibriSpeechLayout(const std::string& folder);

// Transcript files in the order of their sorted paths. The speaker is the folder above the chapter;
// recordings are .flac, or .wav where a chapter has no .flac.
std::unique_ptr<ManifestReader> OpenLibriSpeech(const ManifestSpec& spec);

}  // namespace lockstep
