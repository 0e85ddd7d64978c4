#include "launch/tasks/text/text_task.h"

#include "data/tagging/word_encoder.h"
#include "launch/tasks/text/predict_text.h"
#include "launch/tasks/text/prepare_text.h"
#include "launch/tasks/text/tag_parts.h"
#include "launch/tasks/text/tag_report.h"

namespace lockstep {

namespace {

// Tags of spans have figures of their own.
std::unique_ptr<Scoring> ScoringOfText(const Options& /*options*/, const CorpusInfo& corpus) {
  const auto tags = IsTaggingSchema(corpus.schema)
                        ? SpanTags::Of(corpus.schema.VocabularyOf(corpus.target()))
                        : std::nullopt;
  return tags ? MakeTagScoring(*tags) : MakeLabelScoring();
}

}  // namespace

Task TextTask() {
  return {.kind = "text",
          .summary = "texts with one label each, or with a tag for each word",
          .prepare = PrepareTextVerb,
          .source = "text",
          .predict_usage =
              "  lockstep predict --run RUN --text lines.txt --out classes.tsv\n"
              "  lockstep predict --run RUN --text sentences.txt --output-form jsonl "
              "--out tags.jsonl\n",
          .predict_rows = PredictTextRows,
          .predict = PredictText,
          .scoring = ScoringOfText,
          .report_parts = MakeTextParts};
}

}  // namespace lockstep
