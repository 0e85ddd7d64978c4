#include "trainer/step/state_check.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numeric>

#include "base/checksum.h"
#include "base/host_name.h"
#include "base/log.h"
#include "base/phase_timer.h"
#include "worker/comm/together.h"

namespace lockstep {
namespace {

// Collective. Every rank gets all rows; row r is `mine` of rank r.
std::vector<double> GatherRows(const Communicator& comm, std::span<const double> mine) {
  const Index count = static_cast<Index>(mine.size());
  std::vector<double> all(mine.size() * static_cast<std::size_t>(comm.size()));
  comm.AllGather(mine, DivideIntoSegments(count * comm.size(), count, comm.size()), all.data());
  return all;
}

// The value that more than half of the ranks have, or nothing.
std::optional<std::uint64_t> Majority(const std::vector<std::uint64_t>& values) {
  for (std::uint64_t value : values) {
    const auto have = std::count(values.begin(), values.end(), value);
    if (2 * static_cast<std::size_t>(have) > values.size()) return value;
  }
  return std::nullopt;
}

constexpr const char* kRemedy =
    "Memory or a link of that host is failing. The newest checkpoint is from before: run the same "
    "command again, without the host if it is named twice";

}  // namespace

StateCheck::StateCheck(const Communicator& comm, const ParameterLayout& layout,
                       const PiecePlan& plan, const Optimizer& optimizer, int threads, Index period)
    : comm_(comm),
      layout_(layout),
      plan_(plan),
      optimizer_(optimizer),
      turn_{period == kLearnPeriod ? kMostPeriod : period, 0},
      next_(turn_.Next()),
      seal_(plan, optimizer),
      threads_(threads),
      learns_(period == kLearnPeriod),
      busy_seconds_(static_cast<std::size_t>(comm.size())) {}

BlockTurn StateCheck::compared() const { return comm_.size() > 1 ? turn_ : BlockTurn{0, 0}; }

void StateCheck::Begin(std::span<const float> values) {
  if (begun_) return;
  begun_ = true;
  if (learns_) MeasureCost(values.data());
  ForOwnBlocks([&](std::size_t piece, Index block) { seal_.Close(piece, block, values.data()); });
}

// Estimates the time for checking everything: the time of one pass over the parameters, multiplied
// by the number of passes. Comparing the parameters takes one pass over all of them; closing and
// opening takes two passes over each array of what this rank updates. The latter find the data in
// the cache, so the estimate is rather too high.
void StateCheck::MeasureCost(const float* values) {
  double updated = 0;
  for (const ElementRange& range : optimizer_.ranges()) {
    updated += static_cast<double>(range.count()) / static_cast<double>(plan_.count());
  }
  const double arrays = 1 + static_cast<double>(optimizer_.moments().size());
  const double passes = (comm_.size() > 1 ? 1 : 0) + 2 * arrays * updated;
  [[maybe_unused]] volatile std::uint64_t digest = 0;  // volatile, so that it is computed at all
  for (int pass = 0; pass < 3; ++pass) {
    const double start = Seconds();
    digest = DigestOf(values, {0, plan_.count()}, {1, 0});
    const double seconds = (Seconds() - start) * passes / threads_;
    check_seconds_ = pass == 0 ? seconds : std::min(check_seconds_, seconds);
  }
}

// Chooses the next turn and, when enough steps have been seen, the period. Every rank has the same
// notes, and so chooses the same period.
void StateCheck::ChooseNext(std::span<const RankNote> notes) {
  // The steps to learn from. The first ones warm up, and a note reports the previous step.
  constexpr Index kFirst = 3, kLast = 12;
  // Half of a thousandth, because checks took 1.4 times the estimate in bench/step.
  constexpr double kMostShare = 5e-4;
  next_ = turn_.Next();
  if (!learns_ || ++steps_ < kFirst) return;
  // Takes the shortest step, because cores may be shared with other programs in some steps; the
  // cost of checks is the least of three measurements for the same reason.
  for (std::size_t r = 0; r < notes.size(); ++r) {
    const double busy = std::max(notes[r].busy_seconds, 1e-9);
    busy_seconds_[r] = steps_ == kFirst ? busy : std::min(busy_seconds_[r], busy);
  }
  if (steps_ < kLast) return;
  double share = 0;
  for (std::size_t r = 0; r < notes.size(); ++r) {
    share = std::max(share, notes[r].check_seconds / busy_seconds_[r]);
  }
  next_ = {std::clamp<Index>(static_cast<Index>(std::ceil(share / kMostShare)), 1, kMostPeriod), 0};
  learns_ = false;
  LogDetail("parameters and moments are checked for changed bits once in {} steps", next_.period);
}

// Calls `work` for the blocks of this turn among those that this rank updates.
void StateCheck::ForOwnBlocks(FunctionRef<void(std::size_t piece, Index block)> work) const {
  if (turn_.period == 0) return;
  for (std::size_t piece = 0; piece < optimizer_.ranges().size(); ++piece) {
    const ElementRange& range = optimizer_.ranges()[piece];
    for (Index block = turn_.FirstFrom(range.begin / kBlockElements);
         block * kBlockElements < range.end; block += turn_.period) {
      work(piece, block);
    }
  }
}

RankNote StateCheck::Note(RankNote note) const {
  note.check_seconds = check_seconds_;
  note.changed = seal_.ToNote(seal_.changed());
  note.not_finite = seal_.ToNote(seal_.not_finite());
  return note;
}

void StateCheck::Compare(std::span<const RankNote> notes, const float* values) {
  CompareNotes(notes, values, turn_);
  ChooseNext(notes);
}

// Compares the digests in the notes, which cover the blocks of `turn`.
void StateCheck::CompareNotes(std::span<const RankNote> notes, const float* values,
                              const BlockTurn& turn) const {
  bool changed = false, differ = false;
  for (const RankNote& note : notes) {
    changed = changed || note.changed != 0;
    differ = differ || note.digest != notes[0].digest;
  }
  if (changed) ThrowChanged(notes);
  if (differ) ThrowDiffering(values, turn);
}

void StateCheck::CompareAll(std::span<const float> values, ThreadTeam* team) {
  if (turn_.period == 0) return;
  Begin(values);
  ForOwnBlocks([&](std::size_t piece, Index block) { seal_.Open(piece, block, values.data()); });
  RankNote note = Note({});
  if (comm_.size() > 1) note.digest = DigestOfAll(values, team);
  const std::vector<double> all =
      GatherRows(comm_, std::array{std::bit_cast<double>(note.digest), note.changed});
  std::vector<RankNote> notes(static_cast<std::size_t>(comm_.size()));
  for (std::size_t r = 0; r < notes.size(); ++r) {
    notes[r].digest = std::bit_cast<std::uint64_t>(all[2 * r]);
    notes[r].changed = all[2 * r + 1];
  }
  CompareNotes(notes, values.data(), {1, 0});
}

std::uint64_t StateCheck::DigestOfAll(std::span<const float> values, ThreadTeam* team) const {
  std::vector<std::uint64_t> digests(static_cast<std::size_t>(team->size()));
  team->Run([&](int member) {
    const auto border = [&](int which) {
      return SegmentBorder(plan_.count(), kBlockElements, which, team->size());
    };
    digests[static_cast<std::size_t>(member)] =
        DigestOf(values.data(), {border(member), border(member + 1)}, {1, 0});
  });
  return std::accumulate(digests.begin(), digests.end(), std::uint64_t{0});
}

std::string StateCheck::NotFinite(std::span<const RankNote> notes) const {
  for (std::size_t r = 0; r < notes.size(); ++r) {
    const std::optional<SealedBlock> found = seal_.FromNote(notes[r].not_finite);
    if (found) return fmt::format("{} on rank {}", seal_.NameOf(*found, layout_), r);
  }
  return {};
}

void StateCheck::Around(std::size_t piece, const ElementRange& part, const float* values,
                        FunctionRef<void(const ElementRange&)> update) {
  Index done = part.begin;
  for (Index begin = part.begin; begin < part.end; begin += kBlockElements) {
    const Index block = begin / kBlockElements;
    if (!turn_.Has(block) && !next_.Has(block)) continue;
    if (done < begin) update({done, begin});
    done = std::min(begin + kBlockElements, part.end);
    if (turn_.Has(block)) seal_.Open(piece, block, values);
    update({begin, done});
    if (next_.Has(block)) seal_.Close(piece, block, values);
  }
  if (done < part.end) update({done, part.end});
}

// One digest per owner: of this rank's copy of the blocks that the owner updates, among those of
// the turn. The last entry is the digest of this rank's own blocks as they were when it closed
// them.
std::vector<double> StateCheck::DigestsByOwner(const float* values, const BlockTurn& turn) const {
  std::vector<std::uint64_t> digests(static_cast<std::size_t>(comm_.size()) + 1);
  for (const Piece& piece : plan_.pieces()) {
    for (int owner = 0; owner < comm_.size(); ++owner) {
      digests[static_cast<std::size_t>(owner)] += DigestOf(values, piece.OwnedBy(owner), turn);
    }
    digests.back() += seal_.ClosedDigest(piece.OwnedBy(comm_.rank()), turn);
  }
  std::vector<double> bits;
  bits.reserve(digests.size());
  for (std::uint64_t digest : digests) bits.push_back(std::bit_cast<double>(digest));
  return bits;
}

// Finds the ranks whose copies of some blocks are wrong. Right is what the owner of the blocks had
// when it closed them. If it closed the blocks of another turn, the value that most ranks have is
// taken as right; if no value has a majority, any of the ranks may be wrong, and all are returned.
std::vector<int> StateCheck::RanksThatDiffer(const float* values, const BlockTurn& turn) const {
  const std::size_t ranks = static_cast<std::size_t>(comm_.size());
  const std::vector<double> all = GatherRows(comm_, DigestsByOwner(values, turn));
  const auto digest = [&](std::size_t rank, std::size_t field) {
    return std::bit_cast<std::uint64_t>(all[rank * (ranks + 1) + field]);
  };
  std::vector<int> differ;
  for (std::size_t r = 0; r < ranks; ++r) {
    bool differs = false;
    for (std::size_t owner = 0; owner < ranks; ++owner) {
      std::vector<std::uint64_t> copies;
      for (std::size_t other = 0; other < ranks; ++other) copies.push_back(digest(other, owner));
      if (std::count(copies.begin(), copies.end(), copies[0]) == comm_.size()) continue;
      const std::optional<std::uint64_t> right =
          turn == turn_ ? std::optional(digest(owner, ranks)) : Majority(copies);
      differs = differs || !right || copies[r] != *right;
    }
    if (differs) differ.push_back(static_cast<int>(r));
  }
  return differ;
}

void StateCheck::ThrowDiffering(const float* values, const BlockTurn& turn) const {
  const std::vector<int> differ = RanksThatDiffer(values, turn);
  const std::vector<std::string> hosts = comm_.GatherText(HostName());
  std::vector<std::string> named;
  for (int rank : differ) {
    if (!hosts.empty()) {
      named.push_back(fmt::format("rank {} ({})", rank, hosts[static_cast<std::size_t>(rank)]));
    }
  }
  Throw(fmt::format("parameters of {} are not those of the other ranks",
                    named.empty() ? "a rank" : fmt::format("{}", fmt::join(named, " or "))));
}

void StateCheck::ThrowChanged(std::span<const RankNote> notes) const {
  const std::vector<std::string> hosts = comm_.GatherText(HostName());
  std::vector<std::string> found;
  for (std::size_t r = 0; r < notes.size() && !hosts.empty(); ++r) {
    const std::optional<SealedBlock> changed = seal_.FromNote(notes[r].changed);
    if (!changed) continue;
    found.push_back(fmt::format("rank {} ({}): {}", r, hosts[r], seal_.NameOf(*changed, layout_)));
  }
  Throw(fmt::format("bits changed in memory between two updates: {}", fmt::join(found, "; ")));
}

void StateCheck::Throw(const std::string& what) const {
  throw AgreedError(ExitCode::kPeerLost,
                    comm_.rank() == 0 ? fmt::format("{}. {}", what, kRemedy) : "");
}

}  // namespace lockstep
