#include "launch/tasks/text/language_task.h"

#include "launch/tasks/text/language_parts.h"
#include "launch/tasks/text/language_scoring.h"
#include "launch/tasks/text/prepare_language.h"
#include "launch/tasks/text/score_text.h"
#include "launch/tasks/text/write_text.h"

namespace lockstep {

Task LanguageTask() {
  return {
      .kind = "language",
      .summary = "texts whose next word or character is to be predicted",
      .prepare = PrepareLanguageVerb,
      .source = "score",
      .predict_usage = "  lockstep predict --run RUN --score text.txt\n",
      .predict_rows = ScoreTextRows,
      .predict = ScoreText,
      .generate_usage = "  lockstep generate --run RUN --prefix \"the bank said\" --length 200\n",
      .generate_rows = WriteTextRows,
      .generate = WriteText,
      .scoring = MakeLanguageScoring,
      .report_parts = MakeLanguageParts};
}

}  // namespace lockstep
