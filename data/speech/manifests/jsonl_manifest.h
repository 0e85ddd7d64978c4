// Manifests of one JSON object a line, as NeMo writes them: audio_filepath, duration, offset, text;
// optional: id, speaker, channel.
#pragma once

#include <memory>

#include "data/speech/manifests/manifest.h"

namespace lockstep {

// Without "id" an utterance is named by its audio_filepath, and "@offset" when there is one.
std::unique_ptr<ManifestReader> OpenJsonlManifest(const ManifestSpec& spec);

}  // namespace lockstep
