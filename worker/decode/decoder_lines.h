// Lines of the text files of a decoder: language models, word lists, and texts that models are made
// from. They go through the rules of transcripts (data/text/transcript_rules.h), so that a word is
// the same word in all of them however its letters are encoded.
#pragma once

#include <string>
#include <string_view>

#include "base/line_reader.h"
#include "data/text/transcript_rules.h"

namespace lockstep {

class DecoderLines {
 public:
  // Errors as those of LineReader.
  explicit DecoderLines(const std::string& path) : lines_(path) {}
  // Says what the rules have changed.
  ~DecoderLines() { Tell(); }
  DecoderLines(const DecoderLines&) = delete;
  DecoderLines& operator=(const DecoderLines&) = delete;

  // Sets `line` to the next line, valid until the next call; false at the end.
  bool Next(std::string_view* line);

  Index line_number() const { return lines_.line_number(); }
  const std::string& path() const { return lines_.path(); }
  double share_read() const { return lines_.share_read(); }

 private:
  void Tell();

  LineReader lines_;
  std::string ruled_;
  TranscriptChanges changes_;
};

}  // namespace lockstep
