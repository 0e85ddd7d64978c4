#include "launch/tasks/protein/protein_task.h"

#include "launch/tasks/protein/predict_protein.h"
#include "launch/tasks/protein/prepare_protein.h"
#include "launch/tasks/protein/protein_scoring.h"

namespace lockstep {

Task ProteinTask() {
  return {.kind = "protein",
          .summary = "proteins with a label for each residue, such as their secondary structure",
          .prepare = PrepareProteinVerb,
          .source = "fasta",
          .predict_usage =
              "  lockstep predict --run RUN --fasta proteins.fa --out states.fa\n"
              "  lockstep predict --run RUN --fasta cds.fa --dna --probabilities states.tsv\n",
          .predict_rows = PredictProteinRows,
          .predict = PredictProtein,
          .scoring = MakeProteinScoring};
}

}  // namespace lockstep
