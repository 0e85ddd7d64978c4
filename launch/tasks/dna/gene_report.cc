#include "launch/tasks/dna/gene_report.h"

#include <nlohmann/json.hpp>

#include "data/dna/base_labels.h"
#include "launch/run/class_report.h"

namespace lockstep {
namespace {

double Ratio(Index part, Index whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

double F1(Index right, Index annotated, Index found) { return Ratio(2 * right, annotated + found); }

ClassReport BasesReport(const GeneComparison& comparison) {
  ClassReport report(ClassesOf(BaseLabels::kStrand).names);
  std::size_t place = 0;
  for (const auto& row : comparison.bases) {
    for (const Index count : row) report.counts()[place++] = count;
  }
  return report;
}

double BasesRight(const GeneComparison& comparison) {
  Index right = 0, all = 0;
  for (std::size_t truth = 0; truth < comparison.bases.size(); ++truth) {
    right += comparison.bases[truth][truth];
    for (const Index count : comparison.bases[truth]) all += count;
  }
  return Ratio(right, all);
}

std::string LengthName(std::size_t row) {
  const auto& limits = GeneComparison::kLengthLimits;
  if (row == 0) return fmt::format("below {} bases", limits[0]);
  if (row == limits.size()) return fmt::format("{} bases and more", limits.back());
  return fmt::format("{} to {} bases", limits[row - 1], limits[row] - 1);
}

std::string Line(const std::string& name, Index right, Index annotated, Index found) {
  return fmt::format("{:<20} {:>8} {:>11.2f} % {:>9.2f} % {:>7.2f} %\n", name, right,
                     100 * Ratio(right, annotated), 100 * Ratio(right, found),
                     100 * F1(right, annotated, found));
}

nlohmann::ordered_json Json(Index right, Index annotated, Index found) {
  return {{"right", right},
          {"sensitivity", Ratio(right, annotated)},
          {"precision", Ratio(right, found)},
          {"f1", F1(right, annotated, found)}};
}

}  // namespace

std::string GeneReportText(const GeneComparison& comparison) {
  const GeneCounts& genes = comparison.genes;
  std::string text = fmt::format("bases right {:.2f} %, {}", 100 * BasesRight(comparison),
                                 BasesReport(comparison).ToText());
  text += fmt::format("genes: {} annotated, {} found", genes.annotated, genes.found);
  if (comparison.pseudo_annotated > 0) {
    text += fmt::format("; besides {} pseudogenes, of which {} were found",
                        comparison.pseudo_annotated, comparison.pseudo_found);
  }
  text += fmt::format("\n{:<20} {:>8} {:>13} {:>11} {:>9}\n", "genes with", "right", "sensitivity",
                      "precision", "F1");
  text += Line("right stop codon", genes.stops, genes.annotated, genes.found);
  text += Line("both ends right", genes.both, genes.annotated, genes.found);
  text += fmt::format("{:<20} {:>9} {:>7} {:>18} {:>18}\n", "by length", "annotated", "found",
                      "right stop codons", "both ends right");
  for (std::size_t row = 0; row < comparison.by_length.size(); ++row) {
    const GeneCounts& counts = comparison.by_length[row];
    text += fmt::format("{:<20} {:>9} {:>7} {:>7} {:>8.2f} % {:>7} {:>8.2f} %\n", LengthName(row),
                        counts.annotated, counts.found, counts.stops,
                        100 * Ratio(counts.stops, counts.annotated), counts.both,
                        100 * Ratio(counts.both, counts.annotated));
  }
  return text;
}

nlohmann::ordered_json GeneReportJson(const GeneComparison& comparison) {
  const GeneCounts& genes = comparison.genes;
  nlohmann::ordered_json json = {{"bases_right", BasesRight(comparison)}};
  json.update(BasesReport(comparison).ToJson());
  json["genes"] = {{"annotated", genes.annotated},
                   {"found", genes.found},
                   {"stop", Json(genes.stops, genes.annotated, genes.found)},
                   {"both_ends", Json(genes.both, genes.annotated, genes.found)},
                   {"pseudo_annotated", comparison.pseudo_annotated},
                   {"pseudo_found", comparison.pseudo_found},
                   {"by_length", nlohmann::ordered_json::array()}};
  for (std::size_t row = 0; row < comparison.by_length.size(); ++row) {
    const GeneCounts& counts = comparison.by_length[row];
    json["genes"]["by_length"].push_back({{"bases", LengthName(row)},
                                          {"annotated", counts.annotated},
                                          {"found", counts.found},
                                          {"stops", counts.stops},
                                          {"both_ends", counts.both},
                                          {"found_right", comparison.right_by_length[row]}});
  }
  return json;
}

}  // namespace lockstep
