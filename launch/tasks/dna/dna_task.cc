#include "launch/tasks/dna/dna_task.h"

#include "launch/tasks/dna/evaluate_genes.h"
#include "launch/tasks/dna/gene_parts.h"
#include "launch/tasks/dna/predict_dna.h"
#include "launch/tasks/dna/prepare_dna.h"

namespace lockstep {

Task DnaTask() {
  return {.kind = "dna",
          .summary = "genomes with a label for each base, or sequences with one label each",
          .prepare = PrepareDnaVerb,
          .source = "fasta",
          .predict_usage =
              "  lockstep predict --run RUN --fasta F --out genes.gff3 --proteins proteins.fa\n"
              "  lockstep predict --run RUN --fasta F --out classes.tsv\n",
          .predict_rows = PredictDnaRows,
          .predict = PredictDna,
          .evaluate_usage =
              "  lockstep evaluate --run RUN --fasta F --gff G --test 4170001-\n"
              "  lockstep evaluate --genes FOUND.gff3 --fasta F --gff G\n",
          .evaluate_rows = EvaluateGenesRows,
          .reference = "gff",
          .evaluate_new = EvaluateGenes,
          .report_parts = MakeGeneParts};
}

}  // namespace lockstep
