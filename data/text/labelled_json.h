// Labelled texts as one JSON object per line: {"text": "a fine film", "label": 1}.
#pragma once

#include <memory>

#include "data/text/labelled_lines.h"

namespace lockstep {

// The keys are those of the options, else the one usual name that the object of each line has. The
// label may be text, a number or true/false; 4 and 4.0 are the same label. null is a problem.
std::unique_ptr<LabelledLines> OpenLabelledJson(const std::string& path,
                                                const LabelledLinesOptions& options);

}  // namespace lockstep
