// Reads manifests whose columns are separated by tabs and named by a header line; manifest_fields.h
// has the names. Columns of other names are not used, which is told. There is no quoting: quotation
// marks around cells are told, too. The files of Common Voice have this form.
#pragma once

#include <memory>

#include "data/speech/manifests/manifest.h"

namespace lockstep {

// Without a column "id", the id of an utterance is its path, followed by "@begin" if there is a
// begin. If a manifest has a column "sentence" and a folder clips/ beside it (Common Voice), paths
// are relative to that folder.
std::unique_ptr<ManifestReader> OpenTsvManifest(const ManifestSpec& spec);

}  // namespace lockstep
