// Pieces of words by SentencePiece (Kudo and Richardson 2018, arXiv:1808.06226). The library
// carries a protobuf of its own: nothing else in the program may link one.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/types.h"

namespace lockstep {

class PieceModel {
 public:
  // Reads a serialised model. `name` stands in messages. BadData when it is none.
  PieceModel(std::string bytes, const std::string& name);
  static PieceModel FromFile(const std::string& path);
  // Trains a unigram model of `pieces` pieces (the unknown piece included) on the transcripts that
  // next(&text) gives until it returns false. Of more than 2 million a sample is used. The same
  // transcripts in the same order give the same bytes. UsageError with the library's words when so
  // many pieces cannot be had of them.
  static PieceModel Train(const std::function<bool(std::string* text)>& next, Index pieces);
  ~PieceModel();
  PieceModel(PieceModel&&) noexcept;

  // Normal and user-defined pieces in the order of the model; class c is piece c - 1 of these.
  const std::vector<std::string>& pieces() const { return pieces_; }
  // Classes of a text, from 1. BadData when a part of it is in no piece.
  std::vector<std::int32_t> Encode(const std::string& text) const;
  // The pieces of a text by name. Unlike Encode it takes any text: a part that is in no piece comes
  // as it is written. None for a text of white space alone.
  std::vector<std::string> Split(const std::string& text) const;
  const std::string& bytes() const { return bytes_; }

 private:
  struct Library;
  std::string bytes_;
  std::unique_ptr<Library> library_;
  std::vector<std::string> pieces_;
  std::vector<std::int32_t> class_of_id_;  // 0: no class
};

}  // namespace lockstep
