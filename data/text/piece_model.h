// Divides words into pieces by SentencePiece (Kudo and Richardson 2018, arXiv:1808.06226). The
// library contains its own copy of protobuf, so nothing else in the program may link protobuf.
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
  // Reads a serialised model. `name` is its name in messages. BadData if the bytes are not a model.
  PieceModel(std::string bytes, const std::string& name);
  static PieceModel FromFile(const std::string& path);
  // Trains a unigram model of `pieces` pieces, the unknown piece included. The texts come from
  // next(&text), until it returns false; if there are more than 2 million, a sample of them is
  // used. The same texts in the same order give the same bytes. UsageError with the library's own
  // text if that many pieces cannot be made from them.
  static PieceModel Train(const std::function<bool(std::string* text)>& next, Index pieces);
  ~PieceModel();
  PieceModel(PieceModel&&) noexcept;

  // Normal and user-defined pieces in the order of the model; class c is piece c - 1 of these.
  const std::vector<std::string>& pieces() const { return pieces_; }
  // The classes of a text, counted from 1. BadData if a part of it is in no piece.
  std::vector<std::int32_t> Encode(const std::string& text) const;
  // The names of the pieces of a text. Unlike Encode, it accepts any text: a part that is in no
  // piece is returned as it is. Empty for a text of white space only.
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
