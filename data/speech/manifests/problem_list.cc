#include "data/speech/manifests/problem_list.h"

#include "base/characters.h"
#include "base/error.h"
#include "base/log.h"

namespace lockstep {

void ProblemList::Add(const UtterancePlace& place, const std::string& source, const std::string& id,
                      const std::string& problem) {
  constexpr Index kMostPoints = 500;
  if (problems_.contains(place)) return;
  ++count_;
  problems_[place] =
      id.empty() ? fmt::format("{}: {}", source, problem)
                 : fmt::format("{}: utterance {}: {}", source, Printable(id, kMostPoints), problem);
  if (static_cast<Index>(problems_.size()) > Kept()) problems_.erase(std::prev(problems_.end()));
}

void ProblemList::Settle(const std::string& what) const {
  if (!too_many()) {
    for (const auto& [place, problem] : problems_) LogWarning("left out: {}", problem);
    return;
  }
  std::string lines;
  Index told = 0;
  for (const auto& [place, problem] : problems_) {
    if (told++ < printed_) lines += "\n  " + problem;
  }
  if (count_ > printed_) lines += fmt::format("\n  and {} more", count_ - printed_);
  throw BadData(
      "{}: {} bad utterances, {} may be left out:{}\ncorrect or remove these lines, or "
      "leave them out with --skip-bad {}",
      what, count_, allowed_, lines, count_);
}

}  // namespace lockstep
