// Prints BLEU by every tokenizer and chrF of two files of lines, in mixed and in lower case, for
// sacrebleu_test.py: one line `SIGNATURE<TAB>SCORE` for each.
//
//   text_scores REFERENCES HYPOTHESES

#include <fmt/format.h>

#include <fstream>
#include <iostream>

#include "worker/metrics/bleu.h"
#include "worker/metrics/chrf.h"

namespace {

// Adds all pairs of lines of the two files to a score.
template <typename Score>
void Print(char** words, Score score) {
  std::ifstream references(words[1]), hypotheses(words[2]);
  for (std::string reference, hypothesis;
       std::getline(references, reference) && std::getline(hypotheses, hypothesis);)
    score.Add(hypothesis, reference);
  if constexpr (requires { score.counts(); }) {
    std::cout << fmt::format("{}\t{:.9f}\n", score.Signature(), score.counts().Score());
  } else {
    std::cout << fmt::format("{}\t{:.9f}\n", score.Signature(), score.Score());
  }
}

}  // namespace

int main(int count, char** words) {
  if (count != 3) return 64;
  for (const bool lower_case : {false, true}) {
    for (const char* name : {"13a", "intl", "zh", "char", "none"})
      Print(words, lockstep::Bleu({lockstep::BleuTokenizerFromName(name), lower_case}));
    Print(words, lockstep::Chrf(lower_case));
  }
}
