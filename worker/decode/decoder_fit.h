// Compares the files that a decoder is given, a language model and a word list, with the labels of
// the model and with each other. Files of another language, case or alphabet would otherwise only
// be seen in the transcripts, which are then empty or wrong.
#pragma once

#include <string>
#include <vector>

#include "worker/decode/decoder_labels.h"
#include "worker/decode/ngram_model.h"
#include "worker/decode/word_list.h"

namespace lockstep {

struct DecoderFiles {
  const NgramModel* language = nullptr;  // null: there is none
  std::string language_path;
  const WordList* words = nullptr;  // null: there is none
  std::string words_path;
};

// One sentence for each pair that fits in part only, with the share that does not, and an example.
// BadData if the labels can spell no word of the language model, or if language model and word
// list, or language model and labels, share nothing.
std::vector<std::string> CheckDecoderFiles(const DecoderLabels& labels, const DecoderFiles& files);

}  // namespace lockstep
