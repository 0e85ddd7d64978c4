// Typographic punctuation as plain ASCII, so that the same sign of different files is one token.
#pragma once

#include <string>
#include <string_view>

namespace lockstep {

// The text with these signs replaced, as the script normalize-punctuation.perl of Moses does it for
// most of them; everything else stays as it is:
//   double quotes of all forms, guillemets, two single quotes   "
//   single quotes of all forms, primes and accents that stand alone, the grave accent   '
//   hyphens, en dashes, minus signs   -         em dashes   " - " with single blanks around it
//   ellipsis   ...                              full-width signs, such as U+FF0C   their ASCII form
//   ideographic comma and full stop   , and .
// `text` must be UTF-8; BadData if it is not.
std::string PlainPunctuation(std::string_view text);

}  // namespace lockstep
