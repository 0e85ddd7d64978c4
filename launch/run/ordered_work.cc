#include "launch/run/ordered_work.h"

#include <algorithm>
#include <exception>
#include <map>
#include <utility>
#include <vector>

#include "base/host_name.h"
#include "launch/run/chunk_bytes.h"
#include "worker/comm/byte_mail.h"
#include "worker/comm/together.h"

namespace lockstep {
namespace {

// How long the main thread sleeps when there is nothing to do. Chunks take much longer, and each
// rank has one in reserve; looking more often would take time from the threads that compute.
constexpr std::chrono::milliseconds kBetweenLooks{1};
constexpr std::chrono::milliseconds kAlone{100};  // nobody else may have a letter

// Chunks that a rank may have at once: one for each thread, and a few in reserve, which are begun
// while an outcome travels to rank 0 and a new chunk back.
Index RoomOf(int threads) { return threads + 1 + threads / 4; }

// What a letter begins with; the chunk follows, and then its bytes.
enum class Kind : std::uint8_t { kChunk, kOutcome, kEnd };

std::string ToLetter(Kind kind, const ChunkOutcome& outcome) {
  std::string bytes;
  bytes.reserve(outcome.bytes.size() + 64);
  Put(kind, &bytes);
  Put(outcome.chunk, &bytes);
  Put(outcome.code, &bytes);
  PutList(outcome.bytes, &bytes);
  return bytes;
}

Kind FromLetter(const std::string& bytes, ChunkOutcome* outcome) {
  BytesReader in(bytes);
  const Kind kind = in.Take<Kind>();
  outcome->chunk = in.Take<Index>();
  outcome->code = in.Take<ExitCode>();
  outcome->bytes = in.TakeText();
  return kind;
}

// Rank 0: deals, collects, and uses.
class Dealer {
 public:
  Dealer(const Communicator& comm, int threads, const OrderedJob& job, ByteMail* mail)
      : job_(job),
        mail_(*mail),
        threads_(threads, job.work),
        room_(RoomOf(threads)),
        window_(Index{4} * comm.size() * RoomOf(threads)),
        held_(static_cast<std::size_t>(comm.size())) {}

  // Throws the error of the first chunk that failed.
  void Run() {
    while (!ended_ || used_ < dealt_) {
      const bool dealt = Deal(), collected = Collect();
      const bool used = Use();
      mail_.AllSent();
      if (!dealt && !collected && !used)
        threads_.WaitForOutcome(held_.size() > 1 || is_waiting_ ? kBetweenLooks : kAlone);
    }
  }

 private:
  bool Deal() {
    const auto to = std::ranges::min_element(held_);
    if (ended_ || *to >= room_ || dealt_ - used_ >= window_) return false;
    is_waiting_ = used_ < dealt_ && job_.may_wait && job_.may_wait();
    if (is_waiting_) return false;
    std::optional<std::string> input;
    try {
      input = job_.next();
    } catch (...) {  // comes after the chunks that are under way
      ended_ = true;
      input_error_ = std::current_exception();
      return true;
    }
    ended_ = !input.has_value();
    if (ended_) return true;
    ++*to;
    Give(static_cast<int>(to - held_.begin()), dealt_++, std::move(*input));
    return true;
  }

  void Give(int rank, Index chunk, std::string input) {
    if (rank == 0) return threads_.Give(chunk, std::move(input));
    mail_.Send(rank, ToLetter(Kind::kChunk, {chunk, ExitCode::kDone, std::move(input)}));
  }

  bool Collect() {
    bool any = false;
    while (auto outcome = threads_.Take()) {
      Keep(0, std::move(*outcome));
      any = true;
    }
    while (const auto letter = mail_.Receive()) {
      ChunkOutcome outcome;
      FromLetter(letter->bytes, &outcome);
      Keep(letter->from, std::move(outcome));
      any = true;
    }
    return any;
  }

  void Keep(int rank, ChunkOutcome outcome) {
    --held_[static_cast<std::size_t>(rank)];
    const Index chunk = outcome.chunk;
    waiting_.emplace(chunk, std::move(outcome));
  }

  bool Use() {
    bool any = false;
    for (; !waiting_.empty() && waiting_.begin()->first == used_; any = true) {
      const ChunkOutcome outcome = std::move(waiting_.begin()->second);
      waiting_.erase(waiting_.begin());
      if (outcome.code != ExitCode::kDone) throw Error(outcome.code, outcome.bytes);
      job_.use(used_, outcome.bytes);
      ++used_;
    }
    if (ended_ && used_ == dealt_ && input_error_) std::rethrow_exception(input_error_);
    return any;
  }

  const OrderedJob& job_;
  ByteMail& mail_;
  WorkThreads threads_;
  const Index room_, window_;
  std::vector<Index> held_;  // chunks that each rank has
  std::map<Index, ChunkOutcome> waiting_;
  Index dealt_ = 0, used_ = 0;
  bool ended_ = false;
  bool is_waiting_ = false;  // for input that is not there yet
  std::exception_ptr input_error_;
};

// The same kind of end for the letters of all ranks: after it none is under way, whether the work
// has succeeded or not.
void EndWork(const Communicator& comm, ByteMail* mail) {
  for (int rank = 1; rank < comm.size(); ++rank) mail->Send(rank, ToLetter(Kind::kEnd, {}));
  for (int left = comm.size() - 1; left > 0 || !mail->AllSent();) {
    ChunkOutcome ignored;
    const auto letter = mail->Receive();
    if (letter && FromLetter(letter->bytes, &ignored) == Kind::kEnd) --left;
    if (!letter) std::this_thread::sleep_for(kBetweenLooks);
  }
}

// The other ranks: work on what they are given until rank 0 ends it.
void Serve(const Communicator& comm, int threads, const OrderedJob& job, ByteMail* mail) {
  {
    WorkThreads team(threads, job.work);
    for (bool ended = false; !ended;) {
      bool any = false;
      while (auto outcome = team.Take()) {
        if (outcome->code == ExitCode::kIo)
          outcome->bytes += fmt::format(" (rank {} on {})", comm.rank(), HostName());
        mail->Send(0, ToLetter(Kind::kOutcome, *outcome));
        any = true;
      }
      mail->AllSent();
      while (const auto letter = mail->Receive()) {
        ChunkOutcome chunk;
        ended = FromLetter(letter->bytes, &chunk) == Kind::kEnd;
        if (ended) break;
        team.Give(chunk.chunk, std::move(chunk.bytes));
        any = true;
      }
      if (!any && !ended) team.WaitForOutcome(kBetweenLooks);
    }
  }
  mail->Send(0, ToLetter(Kind::kEnd, {}));
  while (!mail->AllSent()) std::this_thread::sleep_for(kBetweenLooks);
}

}  // namespace

void WorkInOrder(const Communicator& comm, int threads, const OrderedJob& job) {
  ByteMail mail(comm);
  std::exception_ptr error;
  if (comm.rank() > 0) {
    Serve(comm, threads, job, &mail);
  } else {
    try {
      Dealer(comm, threads, job, &mail).Run();
    } catch (...) {
      error = std::current_exception();
    }
    EndWork(comm, &mail);
  }
  comm.Barrier();
  Together(comm, [&] {
    if (error) std::rethrow_exception(error);
  });
}

}  // namespace lockstep
