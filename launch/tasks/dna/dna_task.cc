#include "launch/tasks/dna/dna_task.h"

#include "launch/tasks/dna/predict_dna.h"
#include "launch/tasks/dna/prepare_dna.h"

namespace lockstep {

Task DnaTask() {
  return {.kind = "dna",
          .summary = "genomes with a label for each base, or sequences with one label each",
          .prepare = PrepareDnaVerb,
          .source = "fasta",
          .predict_usage =
              "  lockstep predict --run RUN --fasta F --out genes.gff3\n"
              "  lockstep predict --run RUN --fasta F --out classes.tsv\n",
          .predict_rows = PredictDnaRows,
          .predict = PredictDna};
}

}  // namespace lockstep
