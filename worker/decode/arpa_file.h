// Language models in the ARPA format of Doug Paul's tools, which SRILM, KenLM, IRSTLM and
// `lockstep prepare lm` write:
//
//   \data\                      any lines may come before this one
//   ngram 1=5
//   ngram 2=7
//
//   \1-grams:
//   -1.2304  the  -0.3010       log10 p, words, log10 of the backoff weight (0 if missing)
//   ...
//   \2-grams:
//   -0.3010  the cat
//   ...
//   \end\                       any lines may follow
//
// Fields are separated by spaces or tabs.
#pragma once

#include <string>

#include "worker/decode/ngram_model.h"

namespace lockstep {

// Reads a file, plain or gzip, in one pass. The counts in its header are only compared with the
// n-grams that follow. BadData that names the file, the line, what was found and what is allowed:
// for fields that are not numbers, probabilities above 1, a wrong number of words, words that are
// not 1-grams, n-grams given twice, orders that are missing, out of order or above
// NgramModel::kHighestOrder, counts that differ, and a missing \end\.
NgramModel ReadArpa(const std::string& path);

}  // namespace lockstep
