// Labelled texts as one JSON object per line: {"text": "a fine film", "label": 1}.
#pragma once

#include <memory>

#include "data/text/labelled_lines.h"

namespace lockstep {

// The keys are those of the options, or else the one usual name that the object of each line has. A
// label may be a text, a number or true/false; 4 and 4.0 are the same label. A line with null
// counts as bad.
std::unique_ptr<LabelledLines> OpenLabelledJson(const std::string& path,
                                                const LabelledLinesOptions& options);

}  // namespace lockstep
