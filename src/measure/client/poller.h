#pragma once
// Waits for many sockets at once, to the microsecond.
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/time.h"
#include "measure/client/arrival.h"
#include "measure/client/ring.h"

namespace qc {

/// A socket that can go on, by the tag it is watched under, or what one brought that is delivered.
struct Ready {
  void* tag;
  bool readable = false, writable = false, failed = false;   ///< failed: an error, or something in its error queue
  const Delivery* delivery = nullptr;     ///< valid until the next wait
};

/// Level-triggered epoll, beside it io_uring. Not thread-safe: made and used by one thread.
class Poller {
 public:
  explicit Poller(Reading reading = Reading::automatic);
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;
  /// Readable always; writable where asked for.
  void watch(int socket, void* tag, bool writable);
  /// Of a socket that is watched.
  void change(int socket, void* tag, bool writable);
  /// Of a socket that stays open.
  void unwatch(int socket) const;
  /// Closes it at the next wait() at the latest: what is to be sent first need not wait for that.
  void close_later(int socket);
  /// Whether deliver() can be called.
  [[nodiscard]] bool delivers() const { return ring_ != nullptr; }
  /// From now on what the socket receives comes out of wait() as deliveries under `tag`; it need not be watched. Returns the ticket that forget() takes.
  std::uint64_t deliver(int socket, void* tag) { return ring_->deliver(socket, tag); }
  void forget(std::uint64_t ticket) { ring_->forget(ticket); }
  /// Sockets that are ready now, else the first that get ready before `until`; empty: none did. Valid until the next call.
  std::span<const Ready> wait(Instant until);

 private:
  void control(int operation, int socket, void* tag, bool writable) const;
  void add_watched(Instant until);
  void close_now();
  int epoll_;
  std::unique_ptr<Ring> ring_;
  bool more_watched_ = false;             ///< the last look at epoll found something: the ring tells of new things only
  std::vector<Ready> ready_;
  std::vector<int> to_close_;
};

/// While it lives, this thread's sleeps end within a microsecond or so of their time instead of 50.
class PreciseSleep {
 public:
  PreciseSleep();
  ~PreciseSleep();
  PreciseSleep(const PreciseSleep&) = delete;
  PreciseSleep& operator=(const PreciseSleep&) = delete;

 private:
  unsigned long before_;
};

}  // namespace qc
