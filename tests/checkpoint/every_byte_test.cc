// Damage of every kind at every place of a checkpoint is found, by verifying and by reading.
//
// LOCKSTEP_STRIDE (37 in the short run, 1 in the full one) thins the places out.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>

#include "tests/checkpoint/sample_checkpoint.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

std::size_t Stride() {
  const char* stride = std::getenv("LOCKSTEP_STRIDE");
  return stride == nullptr ? 37 : std::strtoul(stride, nullptr, 10);
}

bool IsRefused(const std::string& path) {
  const auto refuses = [&](auto check) {
    try {
      check(path);
      return false;
    } catch (const InputError& error) {
      return error.code() == ExitCode::kBadData &&
             std::string(error.what()).find(path) != std::string::npos;
    }
  };
  return refuses(VerifyCheckpoint) && refuses(ReadCheckpoint);
}

// A file that is damaged in place and made whole again.
class EveryByte : public testing::Test {
 protected:
  ~EveryByte() override {
    if (fd_ >= 0) close(fd_);
  }

  void TearDown() override { std::printf("%zu cases of damage\n", tried_); }

  // A checkpoint with so many numbers in its largest array.
  std::string Checkpoint(std::size_t numbers, float first, const std::string& name) {
    const std::string path = folder_ / name;
    std::vector<float> values(numbers);
    for (std::size_t i = 0; i < numbers; ++i) values[i] = first + static_cast<float>(i);
    SampleCheckpoint sample;
    std::vector<ArrayView> views = sample.Views();
    views.push_back(
        {"rnn.weight_hh_l0", ElementType::kFloat32, {static_cast<Index>(numbers)}, values.data()});
    WriteCheckpoint(path, BuildCheckpoint(sample.state, views));
    return path;
  }
  void Open(std::size_t numbers) {
    path_ = Checkpoint(numbers, 1, "step-000000001200.h5");
    whole_ = Slurp(path_);
    fd_ = open(path_.c_str(), O_RDWR);
    ASSERT_GE(fd_, 0);
  }

  void Put(std::size_t at, const std::string& bytes) {
    ASSERT_EQ(pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(at)),
              static_cast<ssize_t>(bytes.size()));
  }
  // With these bytes in the place of others, the file is refused; without them it is not.
  void ExpectRefusedWith(std::size_t at, const std::string& bytes) {
    const std::string original = whole_.substr(at, bytes.size());
    if (bytes == original) return;  // no damage
    ++tried_;
    Put(at, bytes);
    ASSERT_TRUE(IsRefused(path_)) << bytes.size() << " bytes at " << at;
    Put(at, original);
  }
  void ExpectRefusedWithFlip(std::size_t at, int bit) {
    ExpectRefusedWith(at, std::string(1, static_cast<char>(whole_[at] ^ (1 << bit))));
  }
  void ExpectWhole() { ASSERT_NO_THROW(ReadCheckpoint(path_)); }

  TempFolder folder_;
  std::string path_, whole_;
  int fd_ = -1;
  std::size_t tried_ = 0;
};

TEST_F(EveryByte, EachBitOfASmallCheckpoint) {
  Open(16);
  for (std::size_t at = 0; at < whole_.size(); at += Stride()) {
    for (int bit = 0; bit < 8; ++bit) ExpectRefusedWithFlip(at, bit);
  }
  EXPECT_GE(tried_, 8 * whole_.size() / Stride());
  ExpectWhole();
}

TEST_F(EveryByte, EachByteOfA300KilobyteCheckpoint) {
  Open(70'000);
  EXPECT_GT(whole_.size(), 280'000u);
  std::mt19937 draw(1);
  for (std::size_t at = 0; at < whole_.size(); at += Stride()) {
    ExpectRefusedWithFlip(at, static_cast<int>(draw() % 8));
  }
  ExpectWhole();
}

TEST_F(EveryByte, TruncationAtEachLength) {
  Open(16);
  for (std::size_t size = whole_.size(); size-- > 0;) {
    if (size % Stride() != 0 && whole_.size() - size > 8) continue;
    ++tried_;
    ASSERT_EQ(ftruncate(fd_, static_cast<off_t>(size)), 0);
    ASSERT_TRUE(IsRefused(path_)) << "cut to " << size << " bytes";
  }
  Put(0, whole_);
  ExpectWhole();
}

TEST_F(EveryByte, ExtensionByOneTo4096Bytes) {
  Open(16);
  for (std::size_t more = 1; more <= 4096; more += more < 16 ? 1 : Stride()) {
    Put(whole_.size(), std::string(more, more % 2 == 0 ? '\0' : 'x'));
    ++tried_;
    ASSERT_TRUE(IsRefused(path_)) << more << " bytes more";
    ASSERT_EQ(ftruncate(fd_, static_cast<off_t>(whole_.size())), 0);
  }
  ExpectWhole();
}

TEST_F(EveryByte, PagesOfZeros) {
  Open(20'000);
  for (const std::size_t page : {512, 4096}) {
    for (std::size_t at = 0; at + page <= whole_.size(); at += page) {
      ExpectRefusedWith(at, std::string(page, '\0'));
    }
  }
  EXPECT_GT(tried_, 150u);
  ExpectWhole();
}

TEST_F(EveryByte, TwoBlocksInEachOthersPlace) {
  Open(20'000);
  std::mt19937 draw(1);
  for (const std::size_t block : {std::size_t{512}, std::size_t{4096}}) {
    const std::size_t blocks = whole_.size() / block;
    for (std::size_t i = 0; i < 5000 / Stride() + 100; ++i) {
      const std::size_t a = draw() % blocks * block, b = draw() % blocks * block;
      if (whole_.compare(a, block, whole_, b, block) == 0) continue;
      Put(a, whole_.substr(b, block));
      ExpectRefusedWith(b, whole_.substr(a, block));
      Put(a, whole_.substr(a, block));
    }
  }
  EXPECT_GT(tried_, 150u);
  ExpectWhole();
}

// What a disk leaves that takes a write and does not carry it out, or carries it out elsewhere.
TEST_F(EveryByte, ABlockOfAnotherCheckpoint) {
  Open(20'000);
  const std::string other = Slurp(Checkpoint(20'000, 7, "step-000000001100.h5"));
  ASSERT_EQ(other.size(), whole_.size());
  for (const std::size_t block : {512, 4096}) {
    for (std::size_t at = 0; at < whole_.size(); at += block) {
      ExpectRefusedWith(at, other.substr(at, block));
    }
  }
  EXPECT_GT(tried_, 150u);
  ExpectWhole();
}

TEST_F(EveryByte, TheBodyOfAnotherCheckpointBehindItsOwnHeader) {
  Open(16);
  const std::string other = Slurp(Checkpoint(16, 7, "step-000000001100.h5"));
  ExpectRefusedWith(kCheckpointHeaderBytes, other.substr(kCheckpointHeaderBytes));
  ExpectRefusedWith(0, other.substr(0, kCheckpointHeaderBytes));
  EXPECT_EQ(tried_, 2u);
}

}  // namespace
}  // namespace lockstep
