#include "launch/tasks/translation/predict_translation.h"

#include <algorithm>
#include <deque>
#include <optional>

#include "base/line_reader.h"
#include "base/log.h"
#include "base/work_progress.h"
#include "data/batch/pack_ids.h"
#include "launch/frame/shared_files.h"
#include "launch/run/corpus_fit.h"
#include "launch/run/ensemble.h"
#include "launch/run/ordered_work.h"
#include "launch/run/run_folder.h"
#include "launch/run/scoring_slots.h"
#include "launch/tasks/translation/search_options.h"
#include "launch/tasks/translation/split_translation.h"
#include "launch/tasks/translation/translation_output.h"
#include "launch/tasks/translation/unknown_words.h"
#include "worker/comm/together.h"

namespace lockstep {
namespace {

using Ids = std::vector<std::int32_t>;

// The lines of a chunk: a slot of sentences, and few enough tokens that long ones do not take much
// memory together.
constexpr Index kLinesOfChunk = kSequencesOfASlot, kTokensOfChunk = 1 << 12;
constexpr Index kLongest = 10000;

// What both ways share: models, search, and where translations go.
struct Prediction {
  std::optional<PairEncoder> encoder;
  std::vector<std::unique_ptr<TrainedModel>> models;
  std::optional<Translator> translator;
  std::optional<TranslationOutput> output;  // rank 0
  bool replaces_unknown = false;
  int threads = 1;
};

// Collective. `corpus` is that of the run.
void Open(const Communicator& comm, const Options& options, const CorpusInfo& corpus,
          Prediction* prediction) {
  const std::string run = options.Text("run");
  SearchOptions search;
  Together(comm, [&] {
    if (options.Has("logits"))
      throw UsageError("predict: --logits does not go with translations, which are searched for");
    if (corpus.kind != kTranslationKind) {
      throw UsageError(
          "predict --text: run {} was trained on a corpus of kind \"{}\", not on parallel text",
          run, corpus.kind);
    }
    prediction->threads = static_cast<int>(options.Number("threads", 1, 1));
    prediction->encoder = PairEncoder::FromTask(corpus.task, corpus.schema, run);
    search = SearchOptionsOf(options, HypothesesOf(options));
    prediction->replaces_unknown = options.Has("replace-unknown");
    search.keep_attention = options.Has("attention") || prediction->replaces_unknown;
    if (comm.rank() == 0) prediction->output.emplace(options, *prediction->encoder);
  });
  prediction->models.push_back(LoadForPrediction(comm, options, corpus));
  std::ranges::move(LoadEnsembleMembers(comm, options, corpus),
                    std::back_inserter(prediction->models));
  std::vector<const TrainedModel*> models;
  for (const auto& model : prediction->models) models.push_back(model.get());
  Together(comm, [&] {
    RequireAttention(options, *prediction->models.front());
    if (prediction->replaces_unknown) CheckReplacesUnknown(*prediction->encoder);
    prediction->translator.emplace(models, prediction->encoder->target_words(), search,
                                   prediction->threads);
  });
}

// The hypotheses of the lines of a chunk, in their order; none for a line that has only its end.
std::string TranslateChunk(int member, const std::string& input, Translator* translator) {
  std::vector<Ids> lines;
  for (BytesReader in(input); !in.AtEnd();) lines.push_back(in.TakeList<std::int32_t>());
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < lines.size(); ++i)
    if (lines[i].size() > 1) order.push_back(i);
  std::ranges::stable_sort(
      order, [&](std::size_t a, std::size_t b) { return lines[a].size() > lines[b].size(); });
  std::vector<IdSequence<std::int32_t>> sequences;
  for (const std::size_t place : order) sequences.push_back({place, lines[place]});
  std::vector<std::vector<Hypothesis>> found(lines.size());
  if (!sequences.empty()) {
    auto translated = translator->Translate(member, PackIds(sequences));
    for (std::size_t b = 0; b < order.size(); ++b) found[order[b]] = std::move(translated[b]);
  }
  std::string result;
  for (const auto& hypotheses : found) PutRecord(hypotheses, &result);
  return result;
}

// Rank 0: cuts the input into chunks, and knows the lines of those that are under way.
class LineChunks {
 public:
  LineChunks(const Options& options, const PairEncoder& encoder)
      : lines_(TextInput{options.Text("text")}),
        longest_(options.Number("longest", kLongest, 1)),
        keeps_words_(options.Has("replace-unknown")),
        encoder_(encoder) {}

  std::optional<std::string> Next() {
    std::string bytes;
    Index count = 0;
    Index tokens = 0;
    const auto has_room = [&] { return count < kLinesOfChunk && tokens < kTokensOfChunk; };
    for (Line line; has_room() && (count == 0 || !MayWait()) && Read(&line); ++count) {
      tokens += std::ssize(line.ids);
      PutList(line.ids, &bytes);
      under_way_.push_back(std::move(line));
    }
    if (count == 0) return std::nullopt;
    return bytes;
  }

  void Use(const std::string& result, TranslationOutput* output) {
    for (BytesReader in(result); !in.AtEnd(); under_way_.pop_front()) {
      const Line& line = under_way_.front();
      output->Write(++done_, line.text, line.ids, line.words,
                    TakeRecord<std::vector<Hypothesis>>(&in));
    }
    output->Flush();
  }

  bool MayWait() const { return lines_.MayWait(); }
  Index done() const { return done_; }
  double share_read() const { return lines_.share_read(); }

 private:
  struct Line {
    std::string text;
    Ids ids;
    std::vector<std::string> words;  // only if unknown ones are to be replaced
  };

  bool Read(Line* line) {
    std::string_view text;
    if (!lines_.Next(&text)) return false;
    line->text = text;
    const std::string ruled = ApplyRules(encoder_.source().rules(), line->text);
    line->ids = encoder_.SourceIds(ruled);
    if (keeps_words_) line->words = encoder_.source().tokenizer().Split(ruled);
    const Index tokens = std::ssize(line->ids) - 1;
    if (tokens <= longest_) return true;
    throw BadData(
        "{}:{}: the line has {} tokens, more than the {} that --longest allows; divide it into "
        "sentences, or give a larger --longest, which takes more memory",
        lines_.path(), lines_.line_number(), tokens, longest_);
  }

  LineReader lines_;
  Index longest_;
  bool keeps_words_;
  const PairEncoder& encoder_;
  std::deque<Line> under_way_;
  Index done_ = 0;
};

}  // namespace

std::span<const OptionRow> PredictTranslationRows() {
  static const std::vector<OptionRow> kRows = [] {
    std::vector<OptionRow> rows = {
        {"text FILE",
         "file with one source per line (UTF-8, plain or gzip), or - for standard input; each line "
         "is translated, an empty one to an empty line"},
        {"n-best N",
         "translations that are written for each source, best first, at most --beam; default 1"},
        {"format NAME",
         "form of translations: text (default; with several for a source, lines NUMBER ||| TEXT "
         "||| "
         "LOG PROBABILITY ||| SCORE) or jsonl, an object per line with all hypotheses"},
        EnsembleRow(),
        {"replace-unknown",
         "replaces unknown words of translations by the source word with the largest attention "
         "weight; for words and models with attention",
         OptionKind::kSwitch},
        {"attention FOLDER",
         "folder for an SVG picture of the attention of each translation, up to 100"},
        Rare({"longest N", "most tokens that a line of --text may have; default 10000"}),
    };
    rows.insert(rows.end(), SearchRows().begin(), SearchRows().end());
    return rows;
  }();
  return kRows;
}

ExitCode PredictTranslation(const Communicator& comm, const Options& options,
                            const CorpusInfo& corpus) {
  Prediction prediction;
  std::optional<LineChunks> chunks;
  Open(comm, options, corpus, &prediction);
  Together(comm, [&] {
    if (comm.rank() == 0) chunks.emplace(options, *prediction.encoder);
  });
  WorkProgress progress("predict");
  OrderedJob job;
  job.next = [&] { return chunks->Next(); };
  job.may_wait = [&] { return chunks->MayWait(); };
  job.work = [&](int member, Index, const std::string& input) {
    return TranslateChunk(member, input, &*prediction.translator);
  };
  job.use = [&](Index, const std::string& result) {
    chunks->Use(result, &*prediction.output);
    progress.Tell(chunks->share_read(), [&] { return fmt::format("{} lines", chunks->done()); });
  };
  WorkInOrder(comm, prediction.threads, job);
  Together(comm, [&] {
    if (comm.rank() != 0) return;
    if (chunks->done() == 0) LogWarning("{}: there is no line to translate", options.Text("text"));
    prediction.output->Finish();
  });
  return ExitCode::kDone;
}

ExitCode PredictTranslationSplit(const Communicator& comm, const Options& options,
                                 const CorpusInfo& corpus) {
  TranslatedSplit test;
  Together(comm, [&] {
    test.folder = options.Text("corpus");
    if (options.Has("replace-unknown")) {
      throw UsageError(
          "--replace-unknown does not go with --corpus, which holds no words of sources but their "
          "ids: give the sources as --text");
    }
  });
  const CorpusInfo other = ReadSharedCorpus(comm, test.folder);
  Together(comm, [&] { CheckSameFields(options.Text("run"), corpus, test.folder, other); });
  Prediction prediction;
  Open(comm, options, corpus, &prediction);
  test.corpus = &other;
  test.split = options.Maybe("split").value_or("test");
  test.stream = prediction.models.front()->stream;
  test.threads = prediction.threads;
  const PairEncoder& encoder = *prediction.encoder;
  TranslateSplit(comm, "predict", test, &*prediction.translator,
                 [&](Index sample, const Ids& source, const std::vector<Hypothesis>& hypotheses) {
                   prediction.output->Write(sample + 1, encoder.SourceText(source), source, {},
                                            hypotheses);
                 });
  Together(comm, [&] {
    if (comm.rank() == 0) prediction.output->Finish();
  });
  return ExitCode::kDone;
}

}  // namespace lockstep
