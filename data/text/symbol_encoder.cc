#include "data/text/symbol_encoder.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/characters.h"
#include "base/error.h"
#include "base/json_node.h"
#include "base/json_text.h"
#include "base/utf8.h"
#include "data/text/piece_model.h"
#include "data/text/text_settings.h"

namespace lockstep {
namespace {

constexpr std::int32_t kBytes = 256;
constexpr const char* kNewline = "\n";
constexpr std::string_view kBlankOfPieces = "\xE2\x96\x81";  // U+2581, as SentencePiece writes it
constexpr std::array<SymbolKind, 4> kKinds = {SymbolKind::kWords, SymbolKind::kCharacters,
                                              SymbolKind::kPieces, SymbolKind::kBytes};
constexpr std::array kKindNames = {"words", "characters", kPieceKind, "bytes"};
constexpr std::array<LineEnd, 3> kLineEnds = {LineEnd::kSymbol, LineEnd::kNewline,
                                              LineEnd::kNothing};

std::int32_t IdOf(const Vocabulary& vocabulary, std::string_view name) {
  const auto found = std::ranges::find(vocabulary.names, name);
  return found == vocabulary.names.end()
             ? -1
             : static_cast<std::int32_t>(found - vocabulary.names.begin());
}

// One of kKindNames.
SymbolKind KindOf(const std::string& name) {
  return kKinds[static_cast<std::size_t>(std::ranges::find(kKindNames, name) - kKindNames.begin())];
}

LineEnd LineEndFrom(const JsonNode& node) {
  const std::string name = node.Text();
  if (const auto found = LineEndFromName(name)) return *found;
  node.Fail(fmt::format("is {}, allowed are eos, newline, none", Printable(name)));
}

// Calls take for each run of bytes that is not white space.
void ForEachWord(std::string_view text, FunctionRef<void(std::string_view)> take) {
  std::size_t begin = 0, at = 0;
  const auto end_word = [&] {
    if (at > begin) take(text.substr(begin, at - begin));
  };
  while (at < text.size()) {
    const auto byte = static_cast<unsigned char>(text[at]);
    std::string_view rest = text.substr(at);
    const std::size_t size = byte < 0x80 ? 1 : TakeCodePoint(&rest).size();
    if (!IsWhiteSpace(byte < 0x80 ? byte : DecodeCodePoint(text.substr(at, size)))) {
      at += size;
      continue;
    }
    end_word();
    begin = at += size;
  }
  end_word();
}

}  // namespace

const char* SymbolKindName(SymbolKind kind) { return kKindNames[static_cast<std::size_t>(kind)]; }

const char* LineEndName(LineEnd line_end) {
  constexpr std::array<const char*, 3> kNames = {"eos", "newline", "none"};
  return kNames[static_cast<std::size_t>(line_end)];
}

std::optional<LineEnd> LineEndFromName(std::string_view name) {
  for (const LineEnd line_end : kLineEnds)
    if (name == LineEndName(line_end)) return line_end;
  return std::nullopt;
}

SymbolSplitter::SymbolSplitter(const SymbolOptions& options,
                               std::shared_ptr<const PieceModel> model)
    : options_(options), model_(std::move(model)) {
  const bool pieces = options.kind == SymbolKind::kPieces;
  LOCKSTEP_CHECK_EQ(model_ != nullptr, pieces);
  if (pieces) tokenizer_.emplace(TokenizerOptions{TokenKind::kPieces}, model_);
  if (options.kind == SymbolKind::kWords && options.split_punctuation)
    tokenizer_.emplace(TokenizerOptions{TokenKind::kWords, true});
}

PieceCut SymbolSplitter::cut() const {
  if (options_.kind == SymbolKind::kBytes) return PieceCut::kBytes;
  return options_.kind == SymbolKind::kCharacters ? PieceCut::kCharacters : PieceCut::kWords;
}

void SymbolSplitter::ForEach(const TextPieces::Piece& piece,
                             FunctionRef<void(std::string_view)> take) const {
  if (options_.kind == SymbolKind::kBytes) {
    for (std::size_t i = 0; i < piece.text.size(); ++i) take(piece.text.substr(i, 1));
  } else {
    ForEachToken(ApplyRules(options_.rules, piece.text), take);
  }
  if (options_.line_end == LineEnd::kSymbol && piece.ends_line) take(kLineEndName);
  if (options_.line_end == LineEnd::kNewline && piece.has_end) take(kNewline);
}

void SymbolSplitter::ForEachToken(std::string_view text,
                                  FunctionRef<void(std::string_view)> take) const {
  if (tokenizer_) {
    for (const std::string& token : tokenizer_->Split(text)) take(token);
    return;
  }
  if (options_.kind == SymbolKind::kWords) return ForEachWord(text, take);
  while (!text.empty()) take(TakeCodePoint(&text));
}

SymbolEncoder::SymbolEncoder(SymbolSplitter splitter, const Vocabulary& vocabulary,
                             const std::string& file)
    : splitter_(std::move(splitter)), vocabulary_(vocabulary) {
  const SymbolOptions& options = splitter_.options();
  if (options.line_end == LineEnd::kSymbol) line_end_ = IdOf(vocabulary, kLineEndName);
  const bool bytes = options.kind == SymbolKind::kBytes;
  const bool lacks_bytes = bytes && static_cast<std::int32_t>(vocabulary.names.size()) < kBytes;
  if (lacks_bytes || (options.line_end == LineEnd::kSymbol && line_end_ < 0)) {
    throw BadData("{}: the vocabulary \"{}\" does not fit symbols of kind {}; {}", file,
                  vocabulary.name, SymbolKindName(options.kind), JsonNode::kRemedy);
  }
  if (!bytes) ids_.emplace(vocabulary, file);
}

SymbolEncoder SymbolEncoder::FromTask(const std::string& task, const Vocabulary& vocabulary,
                                      const std::string& file) {
  const nlohmann::json json = ParseTextTask(task, file);
  const TextSettings settings = ReadTextSettings(json, kKindNames, file);
  const SymbolOptions options{.kind = KindOf(settings.kind),
                              .line_end = LineEndFrom(JsonNode(json, file, "task").At("line_end")),
                              .split_punctuation = settings.split_punctuation,
                              .rules = settings.rules};
  return {SymbolSplitter(options, settings.model), vocabulary, file};
}

std::string SymbolEncoder::TaskJson() const {
  const SymbolOptions& options = splitter_.options();
  nlohmann::json task = ToJson(TextSettings{.rules = options.rules,
                                            .kind = SymbolKindName(options.kind),
                                            .split_punctuation = options.split_punctuation,
                                            .model = splitter_.model()});
  task.update({{"task", "lm"}, {"line_end", LineEndName(options.line_end)}});
  return JsonText(task);
}

void SymbolEncoder::Append(const TextPieces::Piece& piece, std::vector<std::int32_t>* ids) const {
  if (ids_) {
    splitter_.ForEach(piece, [&](std::string_view token) { ids->push_back(ids_->Find(token)); });
    return;
  }
  for (const char c : piece.text) ids->push_back(static_cast<unsigned char>(c));
  const LineEnd line_end = splitter_.options().line_end;
  if (line_end == LineEnd::kSymbol && piece.ends_line) ids->push_back(line_end_);
  if (line_end == LineEnd::kNewline && piece.has_end) ids->push_back(*kNewline);
}

void SymbolEncoder::AddUnknown(const TextPieces::Piece& piece,
                               std::vector<std::string>* tokens) const {
  if (!ids_) return;
  const std::string& unknown_name = vocabulary_.names[static_cast<std::size_t>(unknown())];
  splitter_.ForEach(piece, [&](std::string_view token) {
    if (ids_->Find(token) == unknown() && token != unknown_name) tokens->emplace_back(token);
  });
}

std::string SymbolSpeller::Next(std::int32_t id) {
  if (id == encoder_.line_end()) {
    line_begins_ = true;
    return kNewline;
  }
  const bool begins = std::exchange(line_begins_, false);
  const SymbolKind kind = encoder_.splitter().options().kind;
  if (kind == SymbolKind::kBytes) return {static_cast<char>(id)};
  const std::string& name = encoder_.vocabulary().names[static_cast<std::size_t>(id)];
  if (kind == SymbolKind::kWords) return begins ? name : " " + name;
  if (kind != SymbolKind::kPieces || !name.starts_with(kBlankOfPieces)) return name;
  return (begins ? "" : " ") + name.substr(kBlankOfPieces.size());
}

Vocabulary VocabularyOfBytes() {
  Vocabulary vocabulary;
  vocabulary.name = "bytes";
  for (std::int32_t byte = 0; byte < kBytes; ++byte)
    vocabulary.names.push_back(fmt::format("<0x{:02X}>", byte));
  return vocabulary;
}

void FinishSymbols(const SymbolOptions& options, Vocabulary* vocabulary) {
  const bool characters = options.kind == SymbolKind::kCharacters;
  const auto add = [&](const char* name) {
    if (IdOf(*vocabulary, name) < 0) vocabulary->names.emplace_back(name);
  };
  if (options.line_end == LineEnd::kSymbol) add(kLineEndName);
  if (options.line_end == LineEnd::kNewline && characters) add(kNewline);
  if (options.kind == SymbolKind::kBytes) {
    vocabulary->start = options.line_end == LineEnd::kSymbol ? kBytes : *kNewline;
    return;
  }
  vocabulary->start = vocabulary->unknown;
  for (const char* name : {" ", kNewline, kLineEndName})  // the last one that is there
    if (const std::int32_t id = IdOf(*vocabulary, name); id >= 0) vocabulary->start = id;
}

}  // namespace lockstep
