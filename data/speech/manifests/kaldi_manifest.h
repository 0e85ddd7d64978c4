// Reads Kaldi data folders: `text` (id, transcript) is joined with `segments` and `wav.scp`, or
// with `feats.scp`, and with `utt2spk` if it exists.
//
// An entry that is a command ("sox ... |") counts as bad, because a list of data must not run
// programs. So does a recording inside an archive. Features may be "path:offset" with a range,
// "[rows]" or "[rows,columns]", where rows and columns are "first:last", both inclusive, or ":" or
// nothing for all.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "data/speech/manifests/manifest.h"

namespace lockstep {

// Opens a folder; utterances come in the order of `text`. `kind` is kAudio (wav.scp) or kArk
// (feats.scp).
std::unique_ptr<ManifestReader> OpenKaldiFolder(const ManifestSpec& spec, UtteranceKind kind);

// Fills path, ark_offset, rows and columns of `utterance` from an scp entry. Returns what is wrong
// with the entry; empty if nothing is.
std::string ParseScpEntry(std::string_view entry, const std::string& root, Utterance& utterance);

}  // namespace lockstep
