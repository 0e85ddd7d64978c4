// Reads feature matrices from Kaldi archives. Sizes in a file are trusted only if the file is long
// enough for them.
#pragma once

#include <string>

#include "data/speech/features/feature_matrix.h"

namespace lockstep {

// Reads the matrix whose bytes begin at `offset`, to which an scp entry points: after the key, at
// the mark "\0B" of binary data. Knows the types FM and DM (float and double; doubles are rounded),
// and the compressed types CM (percentiles by column), CM2 (16 bits) and CM3 (8 bits). Values may
// be infinite or NaN; the caller must check. BadData for other types, for sizes beyond the end of
// the file, and for more than 2^31 bytes; MissingInput if the file does not exist.
FeatureMatrix ReadKaldiMatrix(const std::string& path, Index offset);

// Reads only the shape, from the header. Checks that the file is long enough for the values.
MatrixShape KaldiMatrixShape(const std::string& path, Index offset);

}  // namespace lockstep
