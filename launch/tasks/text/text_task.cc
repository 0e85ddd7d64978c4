#include "launch/tasks/text/text_task.h"

#include "launch/tasks/text/predict_text.h"
#include "launch/tasks/text/prepare_text.h"

namespace lockstep {

Task TextTask() {
  return {.kind = "text",
          .summary = "texts with one label each",
          .prepare = PrepareTextVerb,
          .source = "text",
          .predict_usage = "  lockstep predict --run RUN --text lines.txt --out classes.tsv\n",
          .predict_rows = PredictTextRows,
          .predict = PredictText};
}

}  // namespace lockstep
