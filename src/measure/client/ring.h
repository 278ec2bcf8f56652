#pragma once
// Receives on many sockets at once through io_uring: what came since the last look costs one system call, not one each. Internal to measure/client.
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "core/time.h"

namespace qc {

/// What a socket brought: bytes, its end (no bytes and no error), or an error.
struct Delivery {
  void* tag = nullptr;
  std::uint64_t ticket = 0;               ///< of the deliver() that it comes from
  std::string_view bytes;                 ///< valid until the next wait()
  std::int64_t stamped_ns = 0;            ///< the kernel's stamp on CLOCK_REALTIME; 0: none
  int error = 0;                          ///< errno
};

/// Multishot receives with the kernel's stamps into buffers that all sockets share. Not thread-safe: one thread makes it and uses it.
class Ring {
 public:
  /// Null where the kernel has no io_uring that can do this (before 6.1), or where it is not allowed (containers).
  static std::unique_ptr<Ring> make();
  ~Ring();
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  /// From now on what the socket receives comes out of wait() under `tag`, until its end, an error or forget(). The ticket names it.
  std::uint64_t deliver(int socket, void* tag);
  /// Nothing of this ticket comes out of a later wait(). Before or after the socket is closed.
  void forget(std::uint64_t ticket);
  /// Tells when `file` (an epoll instance) gets readable, by woken(). Once; call before the first wait().
  void watch(int file);
  /// What has come, at most a few hundred; waits for the first until `until`. Valid until the next call.
  std::span<const Delivery> wait(Instant until);
  /// The watched file got readable during the last wait().
  [[nodiscard]] bool woken() const;

 private:
  struct Impl;
  explicit Ring(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace qc
