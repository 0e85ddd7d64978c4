#include "launch/tasks/dna/dna_task.h"

#include "launch/tasks/dna/predict_dna.h"
#include "launch/tasks/dna/prepare_dna.h"

namespace lockstep {

Task DnaTask() {
  return {.kind = "dna",
          .summary = "genomes with annotations, or a synthetic genome: a label for each base",
          .prepare = PrepareDnaVerb,
          .source = "fasta",
          .predict_usage = "  lockstep predict --run RUN --fasta F --out genes.gff3\n",
          .predict_rows = PredictDnaRows,
          .predict = PredictDna};
}

}  // namespace lockstep
