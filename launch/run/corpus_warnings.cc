#include "launch/run/corpus_warnings.h"

#include <fmt/format.h>

#include <algorithm>

namespace lockstep {

std::string OneBatchWarning(Index samples, Index batch_sequences) {
  if (samples >= batch_sequences) return "";
  return fmt::format(
      "batch.sequences is {}, but the training split has {} samples: each epoch is one batch, with "
      "one update; set batch.sequences to a part of them, such as {}",
      batch_sequences, samples, std::max<Index>(1, samples / 10));
}

}  // namespace lockstep
