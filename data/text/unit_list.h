// Reads lists of units: one name per line, or in the forms of other tools.
#pragma once

#include <string>
#include <vector>

#include "data/text/units.h"

namespace lockstep {

struct UnitList {
  std::vector<std::string> names;    // without the blank; the space among letters is kSpaceName
  std::vector<std::string> skipped;  // names that stand for no sign of a transcript, such as <unk>
};

// Reads a UTF-8 file. Empty lines are passed over. Also taken are
// - lines that begin with "# " (DeepSpeech), as comments; "\#" is the sign itself;
// - lines NAME NUMBER (k2, Kaldi, WeNet), if the first line is one, with ascending numbers;
// - for letters, "<space>" and U+2581, and a line of blanks, as the space;
// - names of the blank of CTC; for letters also those of unknown words and of sentence ends
// (ESPnet),
//   and Kaldi's #0, #1 ...: skipped.
// BadData that names file and line for a letter of several characters and a word with blanks, which
// no transcript can have.
UnitList ReadUnitList(UnitKind kind, const std::string& path);

}  // namespace lockstep
