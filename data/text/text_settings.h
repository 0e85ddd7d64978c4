// The settings of text that corpora store as JSON text (CorpusInfo::task), as far as the encoders
// of labelled texts (text_encoder.h) and of streams (symbol_encoder.h) share them:
//
//   {"rules": {"compose": true, "lower_case": false},
//    "tokens": {"kind": "words", "split_punctuation": false, "model": "<base64>"}, ...}
//
// "rules" also holds "plain_punctuation", but only where it is true.
// "model", the bytes of a SentencePiece model, is there for pieces only.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>

#include "data/text/text_rules.h"

namespace lockstep {

class PieceModel;

struct TextSettings {
  TextRules rules;
  std::string kind;  // of the tokens; kPieceKind if there is a model
  bool split_punctuation = false;
  std::shared_ptr<const PieceModel> model;  // null but for pieces
};

inline constexpr const char* kPieceKind = "pieces";

// The settings as a JSON object, to which an encoder adds its own.
nlohmann::json ToJson(const TextSettings& settings);

// Parses the JSON text. BadData that names `file` if it is no object.
nlohmann::json ParseTextTask(const std::string& task, const std::string& file);

// Reads the settings from the object that ParseTextTask returned; `kinds` are the allowed kinds of
// tokens. Nothing is trusted: BadData that names `file` and the place in the JSON text.
TextSettings ReadTextSettings(const nlohmann::json& task, std::span<const char* const> kinds,
                              const std::string& file);

}  // namespace lockstep
