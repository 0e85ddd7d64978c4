// Language models in the ARPA format of Doug Paul's tools, which SRILM, KenLM, IRSTLM and
// `lockstep prepare lm` write:
//
//   \data\                      anything may stand above
//   ngram 1=5
//   ngram 2=7
//
//   \1-grams:
//   -1.2304  the  -0.3010       log10 p, words, log10 of the backoff weight (0 when left out)
//   ...
//   \2-grams:
//   -0.3010  the cat
//   ...
//   \end\                       anything may stand below
//
// Fields lie between spaces or tabs.
#pragma once

#include <string>

#include "worker/decode/ngram_model.h"

namespace lockstep {

// Reads a plain or gzip file once. Counts in the file are compared with what is there and used for
// nothing else. BadData with file, line, what was found and what may stand there: numbers that are
// none, probabilities above 1, wrong number of words, words that are no 1-gram, n-grams given
// twice, orders missing, out of order or above NgramModel::kHighestOrder, counts that differ, no
// \end\.
NgramModel ReadArpa(const std::string& path);

}  // namespace lockstep
