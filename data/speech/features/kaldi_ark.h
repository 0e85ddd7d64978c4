// Feature matrices in Kaldi archives. Sizes in a file are believed only as far as it is long.
#pragma once

#include <string>

#include "data/speech/features/feature_matrix.h"

namespace lockstep {

// The matrix whose bytes begin at `offset` (where an scp entry points: behind the key, at the mark
// "\0B" of binary data). Reads FM and DM (float and double; doubles are rounded), the compressed CM
// (percentiles by column), CM2 (16 bits) and CM3 (8 bits). Values may be non-finite: the caller
// checks. BadData for anything else, for sizes beyond the end of the file, and for more than 2^31
// bytes; MissingInput when the file is not there.
FeatureMatrix ReadKaldiMatrix(const std::string& path, Index offset);

// The shape alone, from the header; the bytes behind it are known to be there, not read.
MatrixShape KaldiMatrixShape(const std::string& path, Index offset);

}  // namespace lockstep
