#include "launch/tasks/text/prepare_tags.h"

#include <iostream>

#include "base/log.h"
#include "data/tagging/tagging_corpus.h"
#include "launch/frame/help.h"
#include "launch/output/cell_text.h"
#include "launch/tasks/splits/split_options.h"
#include "launch/tasks/vocabulary/vocabulary_arguments.h"

namespace lockstep {
namespace {

constexpr const char* kUsage =
    "Makes a corpus from sentences whose words have a tag each, such as named entities "
    "(docs/tagging.md): words, their characters and shapes, and one tag per word.\n"
    "  lockstep prepare text --task tag --train train.tsv --valid devel.tsv --test test.tsv "
    "--lower-case --out CORPUS\n"
    "  lockstep prepare text --task tag --train all.conll --valid-fraction 0.1 --scheme iobes "
    "--out CORPUS\n"
    "  lockstep prepare text --task tag --like RUN --test other.conll --out CORPUS\n";

constexpr OptionRow kFiles[] = {
    {"task NAME", "what the corpus is for: tag"},
    {"train FILE", "file of tagged sentences for training; may be repeated", OptionKind::kRepeated},
    {"valid FILE", "file of tagged sentences for the validation split; may be repeated",
     OptionKind::kRepeated},
    {"test FILE", "file of tagged sentences for the test split; may be repeated",
     OptionKind::kRepeated},
    {"out CORPUS", "corpus folder to make"},
    Rare({"shard-bytes BYTES", "size of a shard in bytes; default 33554432 (32 MiB)"}),
    {"format FORM",
     "auto (default: columns or jsonl), columns (one word per line, its columns separated by tabs "
     "or "
     "blanks, a blank line after each sentence), jsonl ({\"tokens\": [...], \"tags\": [...]}) or "
     "case "
     "(plain text, one sentence per line; words become lower case, and their tags are the shapes "
     "they had, such as capitalised)"},
    Rare({"word-column N", "column of the word, from 1; default 1"}),
    {"tag-column N", "column of the tag, from 1; default: the last one"},
    Rare({"encoding NAME", "encoding of all files, a name that `iconv -l` prints; default UTF-8"}),
};
constexpr OptionRow kTags[] = {
    {"tags SCHEME",
     "how the files mark spans: bio, iobes, plain (tags that mark no spans), or auto (default): "
     "found out from all tags"},
    {"scheme SCHEME",
     "scheme that tags of spans are converted to: bio or iobes; default: that of the files"},
    Rare({"repair-tags",
          "reads tags that break their scheme as conlleval reads them, instead of refusing the "
          "files",
          OptionKind::kSwitch}),
};
constexpr OptionRow kWords[] = {
    {"min-count N", "words rarer than this in the training files get no id; default 2"},
    Rare({"max-vocabulary N", "most ids of words; default 50000"}),
    Rare({"vocabulary FILE",
          "file with one word per line, the only words with an id, in the order of their ids; or "
          "folder of a corpus or run whose words these are; "
          "default: the words of the training files"}),
    {"lower-case",
     "gives words that differ only in case one id; characters and shapes keep the case",
     OptionKind::kSwitch},
    {"zero-digits",
     "gives words that differ only in their digits one id; characters keep the digits",
     OptionKind::kSwitch},
    Rare({"lower-characters",
          "makes characters lower case, too, so that shapes alone tell the case of a word",
          OptionKind::kSwitch}),
    Rare({"no-compose",
          "leaves accented letters as they are written, instead of composing them (Unicode NFC)",
          OptionKind::kSwitch}),
};
constexpr OptionRow kOther[] = {
    {"equal-together",
     "draws equal sentences (or documents) for the same split, so that none of the test is in "
     "training",
     OptionKind::kSwitch},
    Rare({"like FOLDER",
          "run or corpus folder whose words, characters and tags are taken over, so that the run "
          "can be evaluated on this corpus; default: none"}),
};

OptionTable Describe() {
  return {{"Files", kFiles},
          {"Tags", kTags},
          {"Words", kWords},
          {"Splits", SplitDrawRows()},
          {"Other", kOther}};
}

std::optional<TagScheme> SchemeOf(const Options& options, const char* option, bool may_be_auto) {
  const auto name = options.Maybe(option);
  if (!name || (may_be_auto && *name == "auto")) return std::nullopt;
  const auto scheme = TagSchemeFromName(*name);
  if (scheme && (may_be_auto || *scheme != TagScheme::kPlain)) return scheme;
  throw UsageError("--{} is \"{}\"; allowed are {}bio{}", option, *name,
                   may_be_auto ? "auto, " : "", may_be_auto ? ", iobes and plain" : " and iobes");
}

void AddFiles(const Options& options, TaggingOptions* tagging) {
  for (int s = 0; s < kDataSplits; ++s) {
    const auto split = static_cast<DataSplit>(s);
    for (const std::string& path : options.List(DataSplitName(split)))
      tagging->files.push_back({split, path});
  }
}

TaggingOptions TaggingOptionsOf(const Options& options) {
  TaggingOptions tagging;
  AddFiles(options, &tagging);
  tagging.format.format = options.Maybe("format").value_or(tagging.format.format);
  tagging.format.encoding = options.Maybe("encoding").value_or(tagging.format.encoding);
  tagging.format.word_column = options.Number("word-column", 1, 1);
  tagging.format.tag_column = options.Has("tag-column") ? options.Number("tag-column", 0, 1) : 0;
  if (tagging.format.word_column == tagging.format.tag_column)
    throw UsageError("--word-column and --tag-column name the same column, {}",
                     tagging.format.tag_column);
  tagging.read_as = SchemeOf(options, "tags", true);
  tagging.write_as = SchemeOf(options, "scheme", false);
  tagging.repair = options.Has("repair-tags");
  tagging.rules = {{.compose = !options.Has("no-compose"), .lower_case = options.Has("lower-case")},
                   options.Has("zero-digits"),
                   options.Has("lower-characters")};
  tagging.vocabulary = VocabularyOptionsOf(options, GivenVocabulary(options));
  tagging.vocabulary_file = options.Maybe("vocabulary").value_or("");
  tagging.draw = SplitDrawOf(options);
  tagging.equal_together = options.Has("equal-together");
  if (tagging.equal_together && !tagging.draw.draws())
    throw UsageError("--equal-together goes with --valid-fraction, --test-fraction or --fold");
  tagging.out = options.Text("out");
  tagging.shard_bytes = options.Number("shard-bytes", tagging.shard_bytes, 1);
  const auto like = options.Maybe("like");
  if (!like) return tagging;
  const OptionRow* row = options.FirstGiven(kWords);
  if (row == nullptr && options.Has("scheme")) row = &kTags[1];
  if (row != nullptr) {
    throw UsageError("--{} does not go with --like, whose corpus decides it; leave it out",
                     row->name());
  }
  TakeOver(ReadCorpusInfo(*like), *like, &tagging);
  return tagging;
}

void PrintSplit(const TaggingSummary& summary, DataSplit which) {
  const TaggingSummary::Split& split = summary.splits[static_cast<std::size_t>(which)];
  if (split.sentences == 0) return;
  std::cout << fmt::format(
      "{}: {} sentences, {} tokens, {:.2f} % of them without an id", DataSplitName(which),
      split.sentences, split.tokens,
      100 * static_cast<double>(split.unknown) / static_cast<double>(split.tokens));
  const auto& types = summary.survey.types;
  constexpr std::size_t kMostShown = 12;
  for (std::size_t t = 0; t < types.size() && t < kMostShown; ++t) {
    std::cout << (t == 0 ? "; " : ", ") << (types[t].empty() ? "spans" : CellText(types[t])) << " "
              << split.spans[t];
  }
  std::cout << (types.size() > kMostShown ? ", ...\n" : "\n");
}

void PrintSummary(const TaggingSummary& summary, const TaggingOptions& options) {
  const TaggingSurvey& survey = summary.survey;
  std::cout << PathText(options.out) << "\n"
            << fmt::format("{} words and {} characters have ids; {} of these words occur once\n",
                           summary.words, summary.characters, summary.once);
  if (summary.different_words > 0)
    std::cout << fmt::format("the training split has {} different words\n",
                             summary.different_words);
  std::cout << fmt::format("tags are read as {}, written as {}, {} {}\n",
                           TagSchemeName(survey.read_as), TagSchemeName(survey.write_as),
                           survey.types.size(),
                           survey.write_as == TagScheme::kPlain ? "tags" : "types");
  for (int s = 0; s < kDataSplits; ++s) PrintSplit(summary, static_cast<DataSplit>(s));
}

void Warn(const TaggingSummary& summary, const TaggingOptions& options) {
  if (summary.survey.repaired > 0) {
    LogWarning("{} tags broke their scheme and were read as conlleval reads them, first {}",
               summary.survey.repaired, summary.survey.first_repaired);
  }
  const bool could_group = options.draw.draws() && !options.equal_together;
  for (const std::string& warning : summary.known.Warnings("sentences"))
    LogWarning("{}{}", warning, could_group ? "; --equal-together draws them for one split" : "");
  std::array<Index, kDataSplits> counts{};
  for (std::size_t s = 0; s < counts.size(); ++s) counts[s] = summary.splits[s].sentences;
  const auto& has_documents = summary.survey.has_documents;
  const bool by_documents = std::ranges::count(has_documents, true) > 0;
  const Index documents = by_documents ? std::ssize(summary.survey.drawn) : 0;
  for (const std::string& warning : EmptyDrawWarnings(options.draw, counts, documents))
    LogWarning("{}", warning);
  if (options.like || summary.splits[0].unknown > 0 || summary.once > 0) return;
  const bool is_given = !options.vocabulary_file.empty();
  LogWarning(
      "all words of the training split have an id, so that the unknown word is never trained{}",
      is_given ? ""
               : fmt::format("; --min-count {} makes rare words train it",
                             options.vocabulary.min_count + 1));
}

}  // namespace

ExitCode PrepareTagsVerb(const Arguments& arguments) {
  const Options options("prepare text --task tag", Describe(), arguments);
  if (PrintsHelp(options, kUsage, Describe())) return ExitCode::kDone;
  const TaggingOptions tagging = TaggingOptionsOf(options);
  const TaggingSummary summary = PrepareTagging(tagging);
  Warn(summary, tagging);
  PrintSummary(summary, tagging);
  return ExitCode::kDone;
}

}  // namespace lockstep
