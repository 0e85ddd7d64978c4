#include "launch/tasks/translation/translation_scoring.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/log.h"
#include "data/translation/references.h"
#include "launch/output/cell_text.h"
#include "launch/output/text_output.h"
#include "launch/tasks/translation/search_options.h"
#include "launch/tasks/translation/split_translation.h"
#include "launch/tasks/translation/translation_output.h"
#include "worker/comm/together.h"
#include "worker/metrics/bleu.h"
#include "worker/metrics/chrf.h"

namespace lockstep {
namespace {

class TranslationScoring : public Scoring {
 public:
  TranslationScoring(const Options& options, const CorpusInfo& corpus)
      : options_(options),
        search_(SearchOptionsOf(options)),
        out_(options.Maybe("translations")),
        encoder_(PairEncoder::FromTask(corpus.task, corpus.schema, "the corpus")) {
    BleuOptions bleu;
    if (const auto name = options.Maybe("bleu-tokenizer"))
      bleu.tokenizer = BleuTokenizerFromName(*name);
    bleu.lower_case = ignores_case_ = options.Has("ignore-case");
    bleu_ = Bleu(bleu);
    chrf_ = Chrf(bleu.lower_case);
  }

  void Score(const Communicator& comm, const SplitTest& test) override {
    has_counts_ = !test.trained->model->counts().empty();
    std::vector<std::string> references;
    std::optional<TextOutput> output;
    std::optional<Translator> translator;
    Together(comm, [&] {
      RequireAttention(options_, *test.trained);
      translator.emplace(std::vector{test.trained}, encoder_.target_words(), search_, test.threads);
      if (comm.rank() != 0) return;
      references = ReadReferences(test.folder, *test.corpus, test.split);
      if (out_) output.emplace(out_);
      WarnOfCase();
    });
    const TranslatedSplit split{test.folder, test.corpus, test.split, test.trained->stream,
                                test.threads};
    const auto use = [&](Index sample, const auto&, const std::vector<Hypothesis>& hypotheses) {
      const std::string text = encoder_.TargetText(hypotheses.front().tokens);
      const std::string& reference = references[static_cast<std::size_t>(sample)];
      bleu_.Add(text, reference);
      chrf_.Add(text, reference);
      ++sentences_;
      if (output) output->stream() << CellText(text) << '\n';
    };
    TranslateSplit(comm, "evaluate translations", split, &*translator, use);
    Together(comm, [&] {
      if (output) output->Finish();
    });
  }

  nlohmann::ordered_json Fields(const Evaluation& found) const override {
    const BleuCounts& counts = bleu_.counts();
    nlohmann::ordered_json json = {{"bleu", counts.Score()},
                                   {"bleu_signature", bleu_.Signature()},
                                   {"bleu_precisions", counts.Precisions()},
                                   {"brevity_penalty", counts.BrevityPenalty()},
                                   {"hypothesis_tokens", counts.found()},
                                   {"reference_tokens", counts.wanted()},
                                   {"chrf", chrf_.Score()},
                                   {"chrf_signature", chrf_.Signature()},
                                   {"beam", search_.beam},
                                   {"sentences", sentences_},
                                   {"perplexity", std::exp(found.loss)},
                                   {"loss", found.loss},
                                   {"tokens", found.sums.targets}};
    if (has_counts_) json["accuracy"] = found.Share(0);
    return json;
  }

  std::string Text(const Evaluation& found) const override {
    const BleuCounts& counts = bleu_.counts();
    const auto precisions = counts.Precisions();
    std::string text = fmt::format(
        "BLEU {:.2f} ({:.1f}/{:.1f}/{:.1f}/{:.1f}, brevity penalty {:.3f}, {} of {} tokens; {} "
        "sentences, {})\n  {}\nchrF2 {:.2f}\n  {}\n",
        counts.Score(), precisions[0], precisions[1], precisions[2], precisions[3],
        counts.BrevityPenalty(), counts.found(), counts.wanted(), sentences_, SearchText(),
        bleu_.Signature(), chrf_.Score(), chrf_.Signature());
    text += fmt::format("perplexity {:.3f} (loss {:.5f} nats per token; {} tokens, ends included",
                        std::exp(found.loss), found.loss, found.sums.targets);
    if (has_counts_) text += fmt::format("; likeliest token right {:.2f} %", 100 * found.Share(0));
    return text + ")\n";
  }

 private:
  void WarnOfCase() const {
    if (!encoder_.target().rules().lower_case || ignores_case_) return;
    LogWarning(
        "the corpus was made with --lower-case, so that the model writes no capitals, and each one "
        "of the references counts as an error; --ignore-case compares without case");
  }

  std::string SearchText() const {
    if (search_.beam == 1) return "greedy search";
    return fmt::format("beam of {}", search_.beam);
  }

  bool ignores_case_ = false;
  Options options_;
  SearchOptions search_;
  std::optional<std::string> out_;
  PairEncoder encoder_;
  Bleu bleu_;
  Chrf chrf_;
  Index sentences_ = 0;
  bool has_counts_ = false;
};

}  // namespace

std::span<const OptionRow> TranslationScoringRows() {
  static const std::vector<OptionRow> kRows = [] {
    std::vector<OptionRow> rows(SearchRows().begin(), SearchRows().end());
    rows.push_back({"bleu-tokenizer NAME",
                    "tokens that BLEU compares, as sacreBLEU names them: 13a (default), intl, zh, "
                    "char or none"});
    rows.push_back({"ignore-case",
                    "compares translations with their references in lower case, for BLEU and chrF",
                    OptionKind::kSwitch});
    rows.push_back({"translations FILE",
                    "file to write the translations to, a line for each pair of the split"});
    return rows;
  }();
  return kRows;
}

std::unique_ptr<Scoring> MakeTranslationScoring(const Options& options, const CorpusInfo& corpus) {
  return std::make_unique<TranslationScoring>(options, corpus);
}

}  // namespace lockstep
