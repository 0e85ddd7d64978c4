// Says by its first bytes what a file is, where that is something else than the plain or gzip text
// that readers want: so that a message names it and what to do, instead of the first odd byte.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace lockstep {

struct FileKind {
  std::string_view name;    // "compressed with xz"; empty: nothing that is known here, maybe text
  std::string_view remedy;  // what to type, with {} for the path of the file
};

// `begin` are the first bytes of a file, or of the text that gzip data hold, of which
// kFileKindBytes are enough; all if it has fewer.
inline constexpr std::size_t kFileKindBytes = 512;
FileKind FileKindOf(std::span<const char> begin);

// UTF-16 and UTF-32, which a reader that converts encodings can read: by their byte order mark, or
// by zeros in every second byte.
FileKind WideTextKindOf(std::span<const char> begin);

// BadData that names file, kind and remedy, if the kind has a name.
void RefuseKind(const std::string& path, const FileKind& kind);
// The same for WideTextKindOf(begin). `packed`: `begin` are the first bytes of the text that gzip
// data hold, so that the remedy unpacks the file before it converts it.
void RefuseWideText(const std::string& path, bool packed, std::span<const char> begin);

}  // namespace lockstep
