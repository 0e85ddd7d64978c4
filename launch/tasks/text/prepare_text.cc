#include "launch/tasks/text/prepare_text.h"

#include <iostream>

#include "launch/frame/help.h"
#include "launch/tasks/labelled/labelled_options.h"
#include "launch/tasks/splits/split_options.h"
#include "launch/tasks/text/prepare_language.h"
#include "launch/tasks/text/prepare_tags.h"
#include "launch/tasks/vocabulary/vocabulary_arguments.h"

namespace lockstep {
namespace {

constexpr const char* kUsage =
    "Makes a corpus from texts with one label each (docs/text.md): one sequence of tokens and one "
    "class per text.\n"
    "  lockstep prepare text --task classify --train train.tsv --valid dev.tsv --test test.tsv "
    "--out CORPUS\n"
    "  lockstep prepare text --task classify --train all.jsonl --fold 1/10 --valid-fraction 0.1 "
    "--out CORPUS\n"
    "  lockstep prepare text --task classify --class-file pos=FILE --class-file neg=FILE --out "
    "CORPUS\n";

constexpr OptionRow kTask[] = {
    {"task NAME",
     "what the corpus is for: classify (default), tag (a tag for each word: `prepare text --task "
     "tag --help` shows its options), or lm (language models: `prepare text --task lm --help`)"},
};
constexpr OptionRow kTokens[] = {
    {"tokens KIND",
     "words (default), characters, sentencepiece:N (N pieces), or the path of a SentencePiece "
     ".model"},
    {"min-count N",
     "tokens rarer than this in the training texts get no id of their own; default 2"},
    {"max-vocabulary N", "most ids of tokens; default 50000"},
    Rare({"vocabulary FILE",
          "file with one token per line, the only tokens with an id; or folder of a corpus or run "
          "whose tokens these are; default: the tokens of the training texts"}),
};
constexpr OptionRow kSwitches[] = {
    Rare({"no-compose",
          "leaves accented letters as they are written, instead of composing them (Unicode NFC)",
          OptionKind::kSwitch}),
    {"lower-case", "makes all letters lower case", OptionKind::kSwitch},
    {"split-punctuation", "makes each sign of punctuation a token of its own", OptionKind::kSwitch},
};

OptionTable Describe() {
  return {{"Files", kTask},
          {"Files", LabelledFileRows()},
          {"Format of the files", LabelledFormatRows()},
          {"Tokens", kTokens},
          {"Tokens", kSwitches},
          {"Splits", SplitDrawRows()},
          {"Other", LabelledRuleRows()}};
}

// What has the tokens, if they are not counted in the training texts.
std::string OwnerOfTokens(const Options& options, const TextCorpusOptions& text) {
  return text.tokens.kind == TokenKind::kPieces ? "--tokens " + options.Text("tokens")
                                                : GivenVocabulary(options);
}

TextCorpusOptions TextOptionsOf(const Options& options) {
  TextCorpusOptions text = LabelledOptionsOf(options);
  text.rules = {.compose = !options.Has("no-compose"), .lower_case = options.Has("lower-case")};
  if (const auto tokens = options.Maybe("tokens")) ParseTokens(*tokens, &text);
  text.tokens.split_punctuation = options.Has("split-punctuation");
  text.vocabulary = VocabularyOptionsOf(options, OwnerOfTokens(options, text));
  text.vocabulary_file = options.Maybe("vocabulary").value_or("");
  TakeOverLike(options, {kTokens, kSwitches}, &text);
  return text;
}

}  // namespace

namespace {

// Each task has options of its own, so this is asked before they are read.
std::string TaskIn(const Arguments& arguments) {
  constexpr std::string_view kJoined = "--task=";
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i].starts_with(kJoined)) return arguments[i].substr(kJoined.size());
    if (arguments[i] == "--task" && i + 1 < arguments.size()) return arguments[i + 1];
  }
  return "classify";
}

}  // namespace

ExitCode PrepareTextVerb(const Arguments& arguments) {
  const std::string task = TaskIn(arguments);
  if (task == "lm") return PrepareLanguageVerb(arguments);
  if (task == "tag") return PrepareTagsVerb(arguments);
  const Options options("prepare text", Describe(), arguments);
  if (PrintsHelp(options, kUsage, Describe())) return ExitCode::kDone;
  if (task != "classify")
    throw UsageError("prepare text: --task is \"{}\"; allowed are classify, tag and lm", task);
  PrepareAndPrint(TextOptionsOf(options));
  return ExitCode::kDone;
}

}  // namespace lockstep
