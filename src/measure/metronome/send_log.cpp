#include "measure/metronome/send_log.h"

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <cerrno>
#include <new>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace qc {

// One mapping: the head, a row for each answer, then the sends of all answers, an answer's together.
struct SendLog::Head {
  std::size_t most_answers, most_sends, taken = 0;   ///< taken: sends that answers have room for; the writer's own
  std::atomic<std::size_t> answers{0};
};

struct SendLog::Row {
  std::array<char, 96> id{};
  std::size_t first = 0, room = 0;
  std::atomic<std::size_t> count{0};
};

static_assert(std::atomic<std::size_t>::is_always_lock_free, "it is shared between processes");

Result<SendLog> SendLog::make(std::size_t answers, std::size_t sends) {
  SendLog log;
  log.bytes_ = sizeof(Head) + answers * sizeof(Row) + sends * sizeof(TrueSend);
  void* memory = mmap(nullptr, log.bytes_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return fail(Fault::engine, fmt::format("no {} bytes of shared memory: {}", log.bytes_, std::generic_category().message(errno)));
  log.head_ = new (memory) Head{answers, sends};
  return log;
}

SendLog::SendLog(SendLog&& other) noexcept : head_(std::exchange(other.head_, nullptr)), bytes_(other.bytes_) {}

SendLog& SendLog::operator=(SendLog&& other) noexcept {
  if (this == &other) return *this;
  release();
  head_ = std::exchange(other.head_, nullptr);
  bytes_ = other.bytes_;
  return *this;
}

SendLog::~SendLog() { release(); }

void SendLog::release() {
  if (head_) munmap(head_, bytes_);
}

SendLog::Row* SendLog::rows() const { return reinterpret_cast<Row*>(head_ + 1); }
TrueSend* SendLog::sends() const { return reinterpret_cast<TrueSend*>(rows() + head_->most_answers); }

std::optional<std::size_t> SendLog::begin(std::string_view id, std::size_t sends) {
  const std::size_t number = head_->answers.load(std::memory_order_relaxed);
  if (number == head_->most_answers || sends > head_->most_sends - head_->taken) return std::nullopt;
  Row& row = *new (rows() + number) Row;
  std::copy_n(id.data(), std::min(id.size(), row.id.size()), row.id.data());
  row.first = head_->taken, row.room = sends;
  head_->taken += sends;
  head_->answers.store(number + 1, std::memory_order_release);
  return number;
}

void SendLog::note(std::size_t answer, TrueSend send) {
  Row& row = rows()[answer];
  const std::size_t count = row.count.load(std::memory_order_relaxed);
  assert(count < row.room);
  SendLog::sends()[row.first + count] = send;
  row.count.store(count + 1, std::memory_order_release);
}

std::vector<TrueAnswer> SendLog::answers() const {
  std::vector<TrueAnswer> out;
  const std::size_t count = head_->answers.load(std::memory_order_acquire);
  out.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const Row& row = rows()[i];
    const TrueSend* first = sends() + row.first;
    out.push_back({std::string(row.id.data(), std::find(row.id.begin(), row.id.end(), '\0')), {first, first + row.count.load(std::memory_order_acquire)}});
  }
  return out;
}

}  // namespace qc
