#include "measure/client/stamp.h"

#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cstring>
#include <ctime>

namespace qc {
namespace {

std::int64_t nanos_of(const timespec& t) { return static_cast<std::int64_t>(t.tv_sec) * 1'000'000'000 + t.tv_nsec; }

std::int64_t read_clock(clockid_t id) {
  timespec t{};
  clock_gettime(id, &t);
  return nanos_of(t);
}

/// One moment on both clocks: wrong by at most half of what lies between the two readings of ours.
struct BothClocks {
  std::int64_t before = 0, realtime = 0, after = 0;
  [[nodiscard]] std::int64_t between() const { return after - before; }
};

/// Whoever is interrupted between two readings reads again: the narrowest of four at most counts.
BothClocks read_both() {
  constexpr std::int64_t kNarrow = 1'000;
  BothClocks best;
  for (int i = 0; i < 4 && (i == 0 || best.between() > kNarrow); ++i) {
    const BothClocks seen{read_clock(CLOCK_MONOTONIC), read_clock(CLOCK_REALTIME), read_clock(CLOCK_MONOTONIC)};
    if (i == 0 || seen.between() < best.between()) best = seen;
  }
  return best;
}

/// The kernel stamps with CLOCK_REALTIME; both clocks read side by side tell how far it lies from ours at this moment.
Arrival on_our_clock(std::int64_t stamped_realtime) {
  const BothClocks now = read_both();
  const std::int64_t lag = now.realtime - stamped_realtime;
  // A lag below zero or over a minute means that someone set the wall clock in between.
  if (stamped_realtime == 0 || lag < 0 || lag > 60'000'000'000) return {{now.after}, Stamp::user, Nanos(0)};
  return {{(now.before + now.after) / 2 - lag}, Stamp::kernel, Nanos(lag)};
}

std::int64_t stamp_in(msghdr& message) {
  for (cmsghdr* c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPING) continue;
    scm_timestamping stamps{};
    std::memcpy(&stamps, CMSG_DATA(c), sizeof stamps);
    return nanos_of(stamps.ts[0]);
  }
  return 0;
}

}  // namespace

void ask_for_stamps(int socket) {
  const int flags = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
  setsockopt(socket, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof flags);
}

StampedRead receive_stamped(int socket, char* buffer, std::size_t size) {
  iovec piece{buffer, size};
  alignas(cmsghdr) std::array<char, 256> control;
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  StampedRead out;
  out.bytes = recvmsg(socket, &message, MSG_DONTWAIT);
  if (out.bytes >= 0) out.arrival = on_our_clock(stamp_in(message));
  return out;
}

}  // namespace qc
