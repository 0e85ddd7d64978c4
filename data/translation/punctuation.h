// Joins words and signs of punctuation to a text as people write it.
#pragma once

#include <span>
#include <string>

namespace lockstep {

// Undoes TokenizerOptions::split_punctuation as far as the tokens tell: signs that close (. , ! ?
// ; : ) ] } % and typographic closing quotes) stand at the word before them, signs that open at the
// word behind them, and of straight quotes every other one opens. All other tokens are parted by
// blanks. What had blanks around it in the original ("50 %") is joined too.
std::string JoinWords(std::span<const std::string> tokens);

}  // namespace lockstep
