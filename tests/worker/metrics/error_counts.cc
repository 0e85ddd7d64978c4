// Prints `correct substitutions deletions insertions` for each pair of lines of two files, for
// sclite_test.py.
//
//   error_counts REFERENCES HYPOTHESES

#include <fstream>
#include <iostream>

#include "worker/metrics/error_rate.h"

int main(int count, char** words) {
  if (count != 3) return 64;
  std::ifstream references(words[1]), hypotheses(words[2]);
  lockstep::ErrorRate rate;
  for (std::string reference, hypothesis;
       std::getline(references, reference) && std::getline(hypotheses, hypothesis);) {
    const lockstep::ErrorCounts counts =
        rate.Add(lockstep::SplitWords(reference), lockstep::SplitWords(hypothesis));
    std::cout << counts.correct << " " << counts.substitutions << " " << counts.deletions << " "
              << counts.insertions << "\n";
  }
}
