// Files that hold the piano rolls of a whole corpus, already divided into splits: JSON and MATLAB 5
// files as published with Boulanger-Lewandowski et al. 2012. docs/music.md gives the formats.
#pragma once

#include <string>

#include "base/function_ref.h"
#include "data/music/piano_roll.h"
#include "data/splits/split_draw.h"

namespace lockstep {

using VisitRoll = FunctionRef<void(DataSplit split, const PianoRoll& roll)>;

// Calls `visit` with each piece of the file, in the order of the file; pieces are named "train:0",
// "train:1" and so on. What the file holds is found from its first bytes, not from its name. One
// piece is in memory at a time. MissingInput if there is no such file; BadData that names file and
// byte for everything that is not as it must be.
void ReadRollFile(const std::string& path, VisitRoll visit);

// The readers of the two kinds. JSON may be packed with gzip.
void ReadJsonRolls(const std::string& path, VisitRoll visit);
void ReadMatRolls(const std::string& path, VisitRoll visit);

// "train", "valid" or "test", as the names of a JSON file's members and of a MAT file's variables
// begin; false for any other name.
bool SplitFromName(const std::string& name, DataSplit* split);

}  // namespace lockstep
