// Encodes bytes as text for JSON: base64 of RFC 4648, with padding and without line ends.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lockstep {

std::string ToBase64(std::string_view bytes);
// Nothing if the text is not exactly what ToBase64 writes for some bytes.
std::optional<std::string> FromBase64(std::string_view text);

}  // namespace lockstep
