// Spells words with the labels of a CTC model, by their characters or by a list of labels as
// lexicons of other tools give it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/types.h"

namespace lockstep {

struct Spelling {
  std::vector<Index> labels;
  std::string problem;  // why the word cannot be spelt; empty if it can
};

class LabelSpeller {
 public:
  // `labels` [C] are the names of the classes; labels[0] is the blank, which is no part of a word.
  explicit LabelSpeller(std::span<const std::string> labels);

  // Takes the longest label that fits first, because labels may be several bytes or even words. If
  // there are labels that begin a word (SentencePiece's U+2581), the first label is one of these.
  Spelling ByCharacters(std::string_view word) const;
  // Looks up each label. A label that separates words, at either end of the spelling (wav2letter,
  // torchaudio: "one  o n e |"), is left out; inside, it is a problem, as no word has one.
  Spelling ByLabels(std::span<const std::string> names) const;

 private:
  Spelling Greedy(const std::string& text) const;

  std::unordered_map<std::string, Index> labels_;
  std::string separator_;  // the name of the label between words; empty: there is none
  bool has_marks_ = false;
  std::size_t longest_label_ = 0;
};

}  // namespace lockstep
