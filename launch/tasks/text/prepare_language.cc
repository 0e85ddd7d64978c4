#include "launch/tasks/text/prepare_language.h"

#include <iostream>

#include "base/log.h"
#include "data/text/language_corpus.h"
#include "data/text/unknown_share.h"
#include "launch/frame/help.h"
#include "launch/output/cell_text.h"
#include "launch/tasks/vocabulary/vocabulary_arguments.h"

namespace lockstep {
namespace {

constexpr const char* kUsage =
    "Makes a corpus for language models (docs/language.md): texts become one stream of symbols, "
    "each "
    "of which is to be predicted from those before it.\n"
    "  lockstep prepare text --task lm --train train.txt --valid valid.txt --test test.txt "
    "--out CORPUS\n"
    "  lockstep prepare text --task lm --train book.txt.gz --tokens characters --out CORPUS\n"
    "  lockstep prepare text --task lm --like RUN --test other.txt --out CORPUS\n";

constexpr OptionRow kFiles[] = {
    {"task NAME", "what the corpus is for: lm"},
    {"train FILE",
     "text for training (plain or gzip); may be repeated, the files are one text in this order",
     OptionKind::kRepeated},
    {"valid FILE", "text for the validation split; may be repeated", OptionKind::kRepeated},
    {"test FILE", "text for the test split; may be repeated", OptionKind::kRepeated},
    {"out CORPUS", "corpus folder to make"},
    Rare({"shard-bytes BYTES", "size of a shard in bytes; default 33554432 (32 MiB)"}),
    Rare({"encoding NAME", "encoding of all files, a name that `iconv -l` prints; default UTF-8"}),
    Rare({"like FOLDER",
          "run or corpus folder whose symbols are taken over, so that the run can be evaluated on "
          "this corpus; default: none"}),
};
constexpr OptionRow kTokens[] = {
    {"tokens KIND",
     "words (default; what stands between blanks), characters, bytes, sentencepiece:N (N pieces), "
     "or the path of a SentencePiece .model"},
    Rare({"line-end KIND",
          "what the end of a line becomes: eos (the symbol <eos>; default for words and pieces), "
          "newline (a character or byte like any other; default for these) or none"}),
    {"min-count N",
     "tokens rarer than this in the training text become <unk>; default 2 for words, 1 for "
     "characters"},
    {"max-vocabulary N", "most ids of tokens; default 50000"},
    Rare({"vocabulary FILE",
          "file with one token per line, the only tokens with an id, in the order of their ids; or "
          "folder of a corpus or run whose tokens these are; "
          "default: the tokens of the training text"}),
    Rare({"no-compose",
          "leaves accented letters as they are written, instead of composing them (Unicode NFC)",
          OptionKind::kSwitch}),
    {"lower-case", "makes all letters lower case", OptionKind::kSwitch},
    Rare({"split-punctuation", "makes each sign of punctuation a token of its own",
          OptionKind::kSwitch}),
};

OptionTable Describe() { return {{"Files", kFiles}, {"Symbols", kTokens}}; }

LineEnd LineEndOf(const Options& options, LineEnd otherwise) {
  const auto name = options.Maybe("line-end");
  if (!name) return otherwise;
  if (const auto found = LineEndFromName(*name)) return *found;
  throw UsageError("--line-end is \"{}\"; allowed are eos, newline and none", *name);
}

void ReadSymbols(const Options& options, LanguageOptions* language) {
  ParseSymbols(options.Maybe("tokens").value_or("words"), language);
  SymbolOptions& symbols = language->symbols;
  symbols.line_end = LineEndOf(options, symbols.line_end);
  symbols.split_punctuation = options.Has("split-punctuation");
  symbols.rules = {.compose = !options.Has("no-compose"), .lower_case = options.Has("lower-case")};
  const bool chosen = symbols.kind == SymbolKind::kWords || symbols.kind == SymbolKind::kCharacters;
  const std::string owner =
      chosen ? GivenVocabulary(options) : "--tokens " + options.Text("tokens");
  language->vocabulary = VocabularyOptionsOf(options, owner, language->vocabulary);
  language->vocabulary_file = options.Maybe("vocabulary").value_or("");
}

LanguageOptions LanguageOptionsOf(const Options& options) {
  LanguageOptions language;
  for (int s = 0; s < kDataSplits; ++s)
    language.files[static_cast<std::size_t>(s)] =
        options.List(DataSplitName(static_cast<DataSplit>(s)));
  language.encoding = options.Maybe("encoding").value_or(language.encoding);
  language.out = options.Text("out");
  language.shard_bytes = options.Number("shard-bytes", language.shard_bytes, 1);
  ReadSymbols(options, &language);
  const auto like = options.Maybe("like");
  if (!like) return language;
  if (const OptionRow* const row = options.FirstGiven(kTokens)) {
    throw UsageError("--{} does not go with --like, whose corpus decides it; leave it out",
                     row->name());
  }
  TakeOver(ReadCorpusInfo(*like), *like, &language);
  return language;
}

double Percent(Index part, Index whole) {
  return whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

void PrintSummary(const LanguageSummary& summary, const LanguageOptions& options) {
  std::cout << PathText(options.out) << "\n";
  std::cout << fmt::format("{} symbols have ids", summary.symbols);
  if (summary.different_tokens > 0)
    std::cout << fmt::format("; the training text has {} different tokens",
                             summary.different_tokens);
  std::cout << "\n";
  for (int s = 0; s < kDataSplits; ++s) {
    const TextCounts& counts = summary.splits[static_cast<std::size_t>(s)];
    if (counts.symbols == 0) continue;
    std::cout << fmt::format("{}: {} {}, {:.2f} % of them unknown; {} lines, {} words, {} bytes\n",
                             DataSplitName(static_cast<DataSplit>(s)), counts.symbols,
                             summary.info.schema.unit, Percent(counts.unknown, counts.symbols),
                             counts.lines, counts.words, counts.bytes);
  }
}

// What is unknown is learned only where the training text has it.
void WarnOfUnknown(const LanguageSummary& summary, const LanguageOptions& options) {
  for (int s = 0; s < kDataSplits; ++s) {
    const TextCounts& counts = summary.splits[static_cast<std::size_t>(s)];
    const std::string warning =
        UnknownShareWarning(DataSplitName(static_cast<DataSplit>(s)), counts.unknown,
                            counts.symbols, summary.different_tokens > 0);
    if (!warning.empty()) LogWarning("{}", warning);
  }
  const TextCounts& train = summary.splits[0];
  if (train.symbols == 0 || train.unknown > 0) return;
  Index unknown = 0;
  for (const TextCounts& counts : summary.splits) unknown += counts.unknown;
  if (unknown == 0) return;
  LogWarning(
      "{} tokens of the other splits are unknown, but none of the training text is, so that the "
      "unknown symbol is never trained{}",
      unknown,
      // Only where the tokens of the training text are counted does --min-count decide about it.
      summary.different_tokens > 0 ? fmt::format("; --min-count {} makes rare tokens train it",
                                                 options.vocabulary.min_count + 1)
                                   : "");
}

}  // namespace

ExitCode PrepareLanguageVerb(const Arguments& arguments) {
  const Options options("prepare text --task lm", Describe(), arguments);
  if (PrintsHelp(options, kUsage, Describe())) return ExitCode::kDone;
  const std::string task = options.Maybe("task").value_or("lm");
  if (task != "lm") throw UsageError("prepare language: --task is \"{}\"; allowed is lm", task);
  const LanguageOptions language = LanguageOptionsOf(options);
  const LanguageSummary summary = PrepareLanguage(language);
  WarnOfUnknown(summary, language);
  PrintSummary(summary, language);
  return ExitCode::kDone;
}

}  // namespace lockstep
