// What `lockstep predict` writes of translations: a text, and pictures of the attention. Rank 0.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "launch/frame/options.h"
#include "launch/output/text_output.h"
#include "launch/tasks/translation/translation_writer.h"

namespace lockstep {

class TranslationOutput {
 public:
  // Opens the file --out and makes the folder --attention. `encoder` must outlive it.
  TranslationOutput(const Options& options, const PairEncoder& encoder);

  // Takes the hypotheses of source number `line`, counted from 1; `ids` are its tokens. `words`
  // replace unknown words; none: they stay.
  void Write(Index line, const std::string& source, const std::vector<std::int32_t>& ids,
             std::span<const std::string> words, const std::vector<Hypothesis>& hypotheses);
  // Writes out what was given so far, for whoever reads a pipe.
  void Flush() { text_.stream().flush(); }
  // Publishes the file.
  void Finish();

 private:
  void WritePicture(Index line, const std::string& source, const std::vector<std::int32_t>& ids,
                    const Hypothesis& best);

  const PairEncoder& encoder_;
  TranslationWriter writer_;
  TextOutput text_;
  std::string pictures_;  // folder; empty: none
  Index pictures_written_ = 0;
};

// How many hypotheses --n-best asks for.
Index HypothesesOf(const Options& options);

}  // namespace lockstep
