#pragma once
// The kernel's timestamps of a socket, on our clock.
#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <optional>

#include "measure/client/arrival.h"

namespace qc {

/// How far CLOCK_REALTIME, with which the kernel stamps, lies from CLOCK_MONOTONIC, as of one moment. Good for the few milliseconds
/// until it is taken again: the wall clock may be set in between.
class ClockTie {
 public:
  /// Reads both clocks side by side (about 0.1 us; whoever is interrupted in between reads again).
  static ClockTie now();
  /// The stamp on our clock, and how long ago it was at `read`; the user's clock where the stamp can't be right.
  [[nodiscard]] Arrival arrival(std::int64_t stamped_realtime_ns, Instant read) const;
  /// A stamp that may be missing (0): when it was on our clock.
  [[nodiscard]] std::optional<Instant> instant(std::int64_t stamped_realtime_ns, Instant read) const;

 private:
  std::int64_t offset_ = 0;               ///< monotonic - realtime, ns
};

/// While it lives the kernel goes on stamping. Without one it stops with the last stamped socket's end and begins again with the next: it then
/// rewrites its own code on this CPU, 0.1 to 0.35 ms at a time between an answer and the next request (measured on an H100's host).
class StampsHeld {
 public:
  StampsHeld();
  ~StampsHeld();
  StampsHeld(const StampsHeld&) = delete;
  StampsHeld& operator=(const StampsHeld&) = delete;

 private:
  int socket_;
};

/// Asks the kernel to stamp what this socket receives and sends. Where it can't, receive_stamped says Stamp::user.
void ask_for_stamps(int socket);

struct StampedRead {
  std::ptrdiff_t bytes = 0;               ///< as recvmsg: 0 end of file, -1 see errno
  Arrival arrival;                        ///< of the last of these bytes
};
/// A read that does not block.
StampedRead receive_stamped(int socket, char* buffer, std::size_t size, const ClockTie& tie);

/// The stamp of CLOCK_REALTIME, ns, that a control message carries; 0: it carries none.
std::int64_t stamp_of(const cmsghdr& message);

/// When the last byte of a send left, where the kernel has told it by now (on the loopback at once): empties the socket's error queue.
std::optional<Instant> sent_stamp(int socket, const ClockTie& tie);

}  // namespace qc
