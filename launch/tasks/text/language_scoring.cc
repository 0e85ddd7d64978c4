#include "launch/tasks/text/language_scoring.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>

#include "data/text/symbol_encoder.h"
#include "data/text/text_counts.h"

namespace lockstep {
namespace {

class LanguageScoring : public Scoring {
 public:
  explicit LanguageScoring(const CorpusInfo& corpus)
      : unit_(corpus.schema.unit),
        line_end_(SymbolEncoder::FromTask(corpus.task, corpus.schema.VocabularyOf(corpus.leading()),
                                          "the corpus")
                      .splitter()
                      .options()
                      .line_end) {}

  // All figures follow from the loss and from how much text there is.
  void Score(const Communicator& /*comm*/, const SplitTest& test) override {
    counts_ = CountsOfSplit(test.corpus->provenance, test.split).value_or(TextCounts{});
  }

  nlohmann::ordered_json Fields(const Evaluation& found) const override {
    nlohmann::ordered_json json = {{"perplexity", std::exp(found.loss)},
                                   {"loss", found.loss},
                                   {"bits_per_symbol", Bits(found, found.sums.targets)},
                                   {"symbols", found.sums.targets},
                                   {"unit", unit_},
                                   {"accuracy", found.Share(0)}};
    if (counts_.symbols == 0) return json;
    json.update({{"unknown", counts_.unknown},
                 {"bits_per_character", Bits(found, counts_.characters)},
                 {"characters", counts_.characters},
                 {"bits_per_byte", Bits(found, counts_.bytes)},
                 {"bytes", counts_.bytes},
                 {"perplexity_per_word", PerWord(found)},
                 {"words", counts_.words},
                 {"lines", counts_.lines}});
    return json;
  }

  std::string Text(const Evaluation& found) const override {
    std::string text = fmt::format(
        "perplexity {:.3f} (loss {:.5f} nats, {:.4f} bits per symbol; {} {}), likeliest symbol "
        "right {:.2f} %\n",
        std::exp(found.loss), found.loss, Bits(found, found.sums.targets), found.sums.targets,
        unit_, 100 * found.Share(0));
    if (counts_.symbols == 0) return text;
    return text + fmt::format(
                      "{:.4f} bits per character ({}), {:.4f} per byte ({}); perplexity per word "
                      "{:.3f} ({} words, {} line ends)\n",
                      Bits(found, counts_.characters), counts_.characters,
                      Bits(found, counts_.bytes), counts_.bytes, PerWord(found), counts_.words,
                      LineEnds());
  }

 private:
  static double Bits(const Evaluation& found, Index units) {
    return found.sums.loss / std::numbers::ln2 / static_cast<double>(units);
  }
  // The ends of lines that are predicted; each counts as a word, as is usual for this figure.
  Index LineEnds() const { return line_end_ == LineEnd::kNothing ? 0 : counts_.lines; }
  double PerWord(const Evaluation& found) const {
    return std::exp(found.sums.loss / static_cast<double>(counts_.words + LineEnds()));
  }

  std::string unit_;
  LineEnd line_end_;
  TextCounts counts_;
};

}  // namespace

std::unique_ptr<Scoring> MakeLanguageScoring(const Options& /*options*/, const CorpusInfo& corpus) {
  return std::make_unique<LanguageScoring>(corpus);
}

}  // namespace lockstep
