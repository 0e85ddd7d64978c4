#include "launch/tasks/translation/prepare_translation.h"

#include <iostream>

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "data/text/unknown_share.h"
#include "data/translation/synthetic_pairs.h"
#include "data/translation/translation_corpus.h"
#include "launch/frame/help.h"
#include "launch/frame/options.h"
#include "launch/output/cell_text.h"
#include "launch/tasks/splits/split_options.h"
#include "launch/tasks/vocabulary/vocabulary_arguments.h"

namespace lockstep {
namespace {

constexpr const char* kUsage =
    "Makes a corpus from parallel text (docs/translation.md): a model learns to write the target "
    "of "
    "each source.\n"
    "  lockstep prepare translation --train train.de train.en --valid val.de val.en "
    "--test test.de test.en --tokens sentencepiece:8000 --shared --out CORPUS\n"
    "  lockstep prepare translation --train pairs.tsv --columns 2,1 --valid-fraction 0.02 "
    "--test-fraction 0.02 --out CORPUS\n"
    "  lockstep prepare translation --synthetic 5000 --out CORPUS\n"
    "  lockstep prepare translation --like RUN --test new.de new.en --out CORPUS\n";

constexpr OptionRow kFiles[] = {
    {"train FILES",
     "training pairs: SOURCE TARGET, two files (plain or gzip) whose lines belong together; more "
     "pairs of files may follow; or one table with a pair per line, columns parted by tabs",
     OptionKind::kWords},
    {"valid FILES", "pairs of the validation split: SOURCE TARGET, or one table",
     OptionKind::kWords},
    {"test FILES", "pairs of the test split: SOURCE TARGET, or one table", OptionKind::kWords},
    Rare({"columns S,T",
          "columns of tables that hold source and target, counted from 1; default 1,2"}),
    Rare({"encoding NAME", "encoding of all files, a name that `iconv -l` prints; default UTF-8"}),
    {"synthetic N",
     "makes up N pairs of sentences in two invented languages by --seed, instead of reading files; "
     "10 or more; the last two tenths are for validation and test"},
    {"out CORPUS", "corpus folder to make"},
    Rare({"shard-bytes BYTES", "size of a shard in bytes; default 33554432 (32 MiB)"}),
};
constexpr OptionRow kTokens[] = {
    {"tokens KIND",
     "tokens of both sides: words (default), characters, sentencepiece:N (N pieces), or the path "
     "of "
     "a SentencePiece .model"},
    Rare({"source-tokens KIND", "tokens of the source, as --tokens; default: those of --tokens"}),
    Rare({"target-tokens KIND", "tokens of the target, as --tokens; default: those of --tokens"}),
    {"shared", "one vocabulary, and one SentencePiece model, for both sides", OptionKind::kSwitch},
    {"min-count N",
     "tokens rarer than this in the training texts of their side become unknown; default 2"},
    {"max-vocabulary N", "most ids of tokens of each side; default 50000"},
    Rare({"no-compose",
          "leaves accented letters as they are written, instead of composing them (Unicode NFC)",
          OptionKind::kSwitch}),
    {"lower-case", "makes all letters lower case", OptionKind::kSwitch},
    {"plain-punctuation",
     "writes typographic quotes, dashes, ellipses and full-width signs as ASCII, in the texts of "
     "both sides that become tokens",
     OptionKind::kSwitch},
    {"split-punctuation", "makes each sign of punctuation a token of its own, for words",
     OptionKind::kSwitch},
};
constexpr OptionRow kRules[] = {
    Rare({"skip-empty",
          "leaves pairs out of which a side has no token, instead of refusing the files",
          OptionKind::kSwitch}),
    Rare({"max-tokens N",
          "training pairs with more tokens on a side are left out; 0 (default): none is"}),
    Rare({"like FOLDER",
          "run or corpus folder whose tokens are taken over, so that the run can be evaluated on "
          "this corpus; default: none"}),
};

OptionTable Describe() {
  return {{"Files", kFiles}, {"Tokens", kTokens}, {"Splits", SplitDrawRows()}, {"Other", kRules}};
}

void ReadColumns(const Options& options, TranslationOptions* translation) {
  const std::vector<std::string> columns = options.AtCommas("columns");
  if (columns.empty()) return;
  if (columns.size() == 2 && ReadNumber(columns[0], &translation->source_column) &&
      ReadNumber(columns[1], &translation->target_column))
    return;
  throw UsageError("--columns is \"{}\"; allowed are two numbers, such as 2,1",
                   options.Text("columns"));
}

void ReadTokens(const Options& options, TranslationOptions* translation) {
  TokenChoice both;
  both.tokens.split_punctuation = options.Has("split-punctuation");
  if (const auto tokens = options.Maybe("tokens")) ParseTokenChoice(*tokens, &both);
  translation->source = translation->target = both;
  if (const auto tokens = options.Maybe("source-tokens"))
    ParseTokenChoice(*tokens, &translation->source);
  if (const auto tokens = options.Maybe("target-tokens"))
    ParseTokenChoice(*tokens, &translation->target);
  translation->shared = options.Has("shared");
  translation->rules = {.compose = !options.Has("no-compose"),
                        .lower_case = options.Has("lower-case"),
                        .plain_punctuation = options.Has("plain-punctuation")};
  const auto has_pieces = [](const TokenChoice& side) {
    return side.tokens.kind == TokenKind::kPieces;
  };
  const bool both_have = has_pieces(translation->source) && has_pieces(translation->target);
  translation->vocabulary = VocabularyOptionsOf(options, both_have ? "a SentencePiece model" : "");
}

TranslationOptions TranslationOptionsOf(const Options& options) {
  TranslationOptions translation;
  for (int s = 0; s < kDataSplits; ++s) {
    const auto split = static_cast<DataSplit>(s);
    AddParallelFiles(split, options.List(DataSplitName(split)), &translation);
  }
  translation.synthetic = options.Number("synthetic", 0, kFewestSynthetic);
  ReadColumns(options, &translation);
  ReadTokens(options, &translation);
  translation.encoding = options.Maybe("encoding").value_or(translation.encoding);
  translation.draw = SplitDrawOf(options);
  translation.skip_empty = options.Has("skip-empty");
  translation.max_tokens = options.Number("max-tokens", 0, 0);
  translation.out = options.Text("out");
  translation.shard_bytes = options.Number("shard-bytes", translation.shard_bytes, 1);
  const auto like = options.Maybe("like");
  if (!like) return translation;
  if (const OptionRow* const row = options.FirstGiven(kTokens)) {
    throw UsageError("--{} does not go with --like, whose corpus decides it; leave it out",
                     row->name());
  }
  TakeOver(ReadCorpusInfo(*like), *like, &translation);
  return translation;
}

double Percent(Index part, Index whole) {
  return whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

std::string SideText(const char* name, const TranslationSummary::Side& side) {
  return fmt::format("{} {} tokens ({:.2f} % unknown, longest {})", name, side.tokens,
                     Percent(side.unknown, side.tokens), side.longest);
}

void PrintSummary(const TranslationSummary& summary, const TranslationOptions& options) {
  const Schema& schema = summary.info.schema;
  std::cout << PathText(options.out) << "\n";
  for (const Vocabulary& words : schema.vocabularies)
    std::cout << fmt::format("{} vocabulary: {} ids\n", words.name, words.names.size());
  for (int s = 0; s < kDataSplits; ++s) {
    const auto& split = summary.splits[static_cast<std::size_t>(s)];
    if (split.pairs == 0) continue;
    std::cout << fmt::format("{}: {} pairs; {}, {}\n", DataSplitName(static_cast<DataSplit>(s)),
                             split.pairs, SideText("source", split.source),
                             SideText("target", split.target));
  }
}

void WarnOfUnknown(const TranslationSummary& summary) {
  for (int s = 0; s < kDataSplits; ++s) {
    const auto& split = summary.splits[static_cast<std::size_t>(s)];
    const std::string name = DataSplitName(static_cast<DataSplit>(s));
    const auto warn = [&](const char* side, const TranslationSummary::Side& counts,
                          Index different) {
      const std::string warning =
          UnknownShareWarning(name, counts.unknown, counts.tokens, different > 0);
      if (!warning.empty()) LogWarning("{}: {}", side, warning);
    };
    warn("sources", split.source, summary.different_source);
    warn("targets", split.target, summary.different_target);
  }
}

void Warn(const TranslationSummary& summary, const TranslationOptions& options) {
  if (summary.empty > 0)
    LogWarning("{} pairs were left out because a side of theirs has no token", summary.empty);
  if (summary.too_long > 0) {
    LogWarning("{} training pairs were left out because a side has more than {} tokens",
               summary.too_long, options.max_tokens);
  }
  WarnOfUnknown(summary);
  for (const std::string& warning : summary.known.Warnings("sources")) LogWarning("{}", warning);
  std::array<Index, kDataSplits> counts{};
  for (std::size_t s = 0; s < counts.size(); ++s) counts[s] = summary.splits[s].pairs;
  for (const std::string& warning : EmptyDrawWarnings(options.draw, counts))
    LogWarning("{}", warning);
}

}  // namespace

ExitCode PrepareTranslationVerb(const Arguments& arguments) {
  const Options options("prepare translation", Describe(), arguments);
  if (PrintsHelp(options, kUsage, Describe())) return ExitCode::kDone;
  const TranslationOptions translation = TranslationOptionsOf(options);
  const TranslationSummary summary = PrepareTranslation(translation);
  Warn(summary, translation);
  PrintSummary(summary, translation);
  return ExitCode::kDone;
}

}  // namespace lockstep
