// What the labels of a corpus spell, for decoders and for the error rate of words.
#pragma once

#include <string>
#include <vector>

#include "data/corpus/shard_format.h"
#include "worker/decode/decoder_labels.h"

namespace lockstep {

// True for a corpus with lists of labels that have units (CorpusInfo::units).
bool HasLabelTexts(const CorpusInfo& corpus);
// Only for a corpus with HasLabelTexts. BadData for units of a kind that this program does not
// know.
DecoderLabels DecoderLabelsOf(const CorpusInfo& corpus);

// [classes] what each label adds to a text, in which blanks divide words; empty for a corpus
// without units.
std::vector<std::string> LabelTexts(const CorpusInfo& corpus);

}  // namespace lockstep
