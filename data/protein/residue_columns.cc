#include "data/protein/residue_columns.h"

#include "base/characters.h"
#include "base/error.h"
#include "base/text.h"

namespace lockstep {

bool ResidueColumns::Next(ColumnChain* chain) {
  *chain = {};
  for (std::string_view line; lines_.Next(&line);) {
    line = Trim(line);
    if (line.empty() || line.starts_with('#')) continue;
    const bool at_mark = !Add(line, chain);
    if (at_mark && chain->line > 0) break;
  }
  if (chain->line > 0) return any_ = true;
  if (any_) return false;
  throw BadData(
      "{}: holds no residue; its lines are a residue, a blank and its label, as in \"A h\"",
      lines_.path());
}

bool ResidueColumns::Add(std::string_view line, ColumnChain* chain) const {
  if (line == "<>" || line == "end" || line == "<end>") return false;
  std::string_view rest = line;
  const std::string_view residue = TakeWord(&rest), label = Trim(rest);
  if (residue.size() != 1 || label.size() != 1) {
    throw BadData(
        "{}:{}: {} is neither a residue, a blank and its label, as in \"A h\", nor \"<>\", which "
        "begins a chain, nor \"end\"; FASTA files need files of labels (--train-labels)",
        lines_.path(), lines_.line_number(), Printable(line));
  }
  if (chain->line == 0) chain->line = lines_.line_number();
  chain->residues += residue;
  chain->labels += label;
  return true;
}

}  // namespace lockstep
