#include "launch/tasks/arrays/arrays_task.h"

#include "launch/tasks/arrays/predict_arrays.h"
#include "launch/tasks/arrays/prepare_arrays.h"

namespace lockstep {

Task ArraysTask() {
  return {.kind = "arrays",
          .summary = "numbers of your own: tables, NumPy and HDF5 files",
          .prepare = PrepareArraysVerb,
          .source = "arrays",
          .predict_usage = "  lockstep predict --run RUN --arrays new.csv --out predictions.csv\n",
          .predict_rows = PredictArraysRows,
          .predict = PredictArrays};
}

}  // namespace lockstep
