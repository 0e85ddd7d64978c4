#include "data/speech/sound/file_view.h"

#include <algorithm>
#include <cstring>
#include <exception>

namespace lockstep {

SNDFILE* FileView::OpenSound(SF_INFO* info) {
  SF_VIRTUAL_IO calls{&Size, &Seek, &Read, &Write, &Tell};
  position_ = 0;
  return sf_open_virtual(&calls, SFM_READ, info, this);
}

sf_count_t FileView::Size(void* view) { return static_cast<FileView*>(view)->bytes(); }

sf_count_t FileView::Seek(sf_count_t offset, int whence, void* view) {
  auto& self = *static_cast<FileView*>(view);
  if (whence == SEEK_CUR) offset += self.position_;
  if (whence == SEEK_END) offset += self.bytes();
  if (offset < 0) return -1;
  return self.position_ = offset;
}

sf_count_t FileView::Read(void* bytes, sf_count_t count, void* view) {
  auto& self = *static_cast<FileView*>(view);
  const Index wanted =
      std::clamp<Index>(count, 0, std::max<Index>(self.bytes() - self.position_, 0));
  try {
    const Index got =
        self.ReadHere({static_cast<std::byte*>(bytes), static_cast<std::size_t>(wanted)});
    self.position_ += got;
    return got;
  } catch (const std::exception&) {
    return 0;  // no exception may pass through libsndfile; AudioFile then finds frames missing
  }
}

sf_count_t FileView::Write(const void* /*bytes*/, sf_count_t /*count*/, void* /*view*/) {
  return 0;
}

sf_count_t FileView::Tell(void* view) { return static_cast<FileView*>(view)->position_; }

// Fills `bytes`, which must lie within the view, from position_.
Index FileView::ReadHere(std::span<std::byte> bytes) const {
  const auto head_bytes = static_cast<Index>(bounds_.head.size());
  const auto from_head =
      static_cast<std::size_t>(std::clamp<Index>(head_bytes - position_, 0, std::ssize(bytes)));
  if (from_head > 0) std::memcpy(bytes.data(), bounds_.head.data() + position_, from_head);
  if (from_head < bytes.size()) {
    const Index behind_head = position_ + static_cast<Index>(from_head) - head_bytes;
    file_.ReadAt(bounds_.begin + behind_head, bytes.subspan(from_head));
  }
  return std::ssize(bytes);
}

}  // namespace lockstep
