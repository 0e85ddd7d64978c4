#include "data/dna/order_keeper.h"

#include <algorithm>
#include <bitset>

#include "data/corpus/shard_format.h"
#include "data/dna/base_labels.h"

namespace lockstep {
namespace {

// Labels that are taken away on each side of a break. Within six steps, each class leads to every
// other one.
constexpr Index kForgotten = 3;

using Classes = std::bitset<kFrameClasses>;

class OrderKeeper {
 public:
  OrderKeeper(const Genome& genome, LabelFile* labels) : genome_(genome), labels_(labels) {
    const LabelOrder order = FrameOrder();
    for (std::size_t c = 0; c < kFrameClasses; ++c) {
      for (const int follower : order.followers[c])
        followers_[c].set(static_cast<std::size_t>(follower));
    }
  }

  Index Keep() {
    for (const GenomeRecord& record : genome_.records) KeepRecord(record);
    return forgotten_;
  }

 private:
  void KeepRecord(const GenomeRecord& record) {
    constexpr Index kPiece = Index{1} << 20;
    const Index end = record.begin + record.length;
    possible_.set();
    Index free_until = record.begin;  // bases before it have just lost their labels
    std::vector<std::uint8_t> piece;
    for (Index begin = record.begin; begin < end; begin += kPiece) {
      piece.resize(static_cast<std::size_t>(std::min(kPiece, end - begin)));
      labels_->Read(begin, piece);
      for (Index i = begin; i < begin + static_cast<Index>(piece.size()); ++i) {
        const std::uint8_t label =
            i < free_until ? kIgnoredTargetByte : piece[static_cast<std::size_t>(i - begin)];
        if (Take(label)) continue;
        const Index first = std::max(record.begin, i - kForgotten);
        free_until = std::min(end, i + kForgotten);
        labels_->Forget(first, free_until);
        forgotten_ += free_until - first;
        possible_.set();
      }
    }
  }

  // Goes on with the next label; false if it cannot follow.
  bool Take(std::uint8_t label) {
    if (label != kIgnoredTargetByte) {
      if (!possible_[label]) return false;
      possible_ = followers_[label];
      return true;
    }
    Classes next;
    for (std::size_t c = 0; c < kFrameClasses; ++c) {
      if (possible_[c]) next |= followers_[c];
    }
    possible_ = next;
    return true;
  }

  const Genome& genome_;
  LabelFile* labels_;
  std::array<Classes, kFrameClasses> followers_;
  Classes possible_;  // classes that the next base may have
  Index forgotten_ = 0;
};

}  // namespace

Index KeepFrameOrder(const Genome& genome, LabelFile* labels) {
  return OrderKeeper(genome, labels).Keep();
}

}  // namespace lockstep
