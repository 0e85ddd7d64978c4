#include "launch/tasks/translation/translation_task.h"

#include "data/translation/pair_encoder.h"
#include "data/translation/references.h"
#include "launch/tasks/translation/predict_translation.h"
#include "launch/tasks/translation/prepare_translation.h"
#include "launch/tasks/translation/translation_parts.h"
#include "launch/tasks/translation/translation_scoring.h"

namespace lockstep {

namespace {

void VerifyReferences(const std::string& folder, const CorpusInfo& corpus,
                      const Task::CheckFile& check) {
  for (const auto& [name, split] : corpus.splits) {
    if (split.sequences == 0) continue;
    check(ReferencesPath(folder, name),
          [&, &name = name] { CheckReferences(folder, corpus, name); });
  }
}

}  // namespace

Task TranslationTask() {
  return {.kind = kTranslationKind,
          .summary = "parallel text, of which one side is to be written from the other",
          .prepare = PrepareTranslationVerb,
          .verify_corpus = VerifyReferences,
          .source = "text",
          .predict_usage =
              "  lockstep predict --run RUN --text new.de --out new.en\n"
              "  lockstep predict --run RUN --text - --beam 10 --n-best 5 --format jsonl < new.de\n"
              "  lockstep predict --run RUN --corpus PAIRS --split test --out test.en\n",
          .predict_rows = PredictTranslationRows,
          .predict = PredictTranslation,
          .predict_split = PredictTranslationSplit,
          .evaluate_usage =
              "  lockstep evaluate --run RUN --corpus PAIRS --split test --translations test.en\n",
          .evaluate_rows = TranslationScoringRows,
          .scoring = MakeTranslationScoring,
          .report_parts = MakeTranslationParts};
}

}  // namespace lockstep
