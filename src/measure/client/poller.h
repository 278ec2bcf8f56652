#pragma once
// Waits for many sockets at once, to the microsecond.
#include <cstdint>
#include <span>
#include <vector>

#include "core/time.h"

namespace qc {

/// A socket that can go on, by the tag it is watched under.
struct Ready {
  void* tag;
  bool readable, writable, failed;        ///< failed: an error, or something in its error queue
};

/// Level-triggered epoll. Not thread-safe.
class Poller {
 public:
  Poller();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;
  /// Readable always; writable where asked for. A socket that is closed is forgotten by itself.
  void watch(int socket, void* tag, bool writable);
  /// Of a socket that is watched.
  void change(int socket, void* tag, bool writable);
  /// Sockets that are ready now, else the first that get ready before `until`; empty: none did. Valid until the next call.
  std::span<const Ready> wait(Instant until);

 private:
  void control(int operation, int socket, void* tag, bool writable) const;
  int epoll_;
  std::vector<Ready> ready_;
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
