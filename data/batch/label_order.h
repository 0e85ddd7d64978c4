// The order of labels: which ids of a vocabulary may follow each other in the targets of a
// sequence, and which ones may be first and last. A head that scores whole label sequences gives
// probability zero to every sequence that breaks the order; all other heads ignore it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lockstep {

// Empty lists allow everything. `first` and `last` also apply to windows that were cut out of
// longer sequences, so they must stay empty where windows begin and end anywhere.
struct LabelOrder {
  std::vector<std::vector<int>> followers;  // [names]: the ids that may follow each id; or empty
  std::vector<int> first;                   // ids that the first step of a sequence may have
  std::vector<int> last;                    // ids that the last step may have

  bool empty() const { return followers.empty() && first.empty() && last.empty(); }
  bool MayFollow(int from, int to) const;
  bool MayBeFirst(int id) const;
  bool MayBeLast(int id) const;
  bool operator==(const LabelOrder&) const = default;
};

// Returns what is wrong with the order of a vocabulary with `names` names; nothing if it can be
// used. Every list must be ascending and within the vocabulary (which MayFollow and its neighbours
// rely on). With complements, whatever may be read on one strand must be allowed on the other one.
std::optional<std::string> FindOrderProblem(const LabelOrder& order, std::size_t names,
                                            std::span<const int> complement);

}  // namespace lockstep
