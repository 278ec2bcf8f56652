#include "measure/client/stamp.h"

#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
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
  [[nodiscard]] std::int64_t offset() const { return before + between() / 2 - realtime; }
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

std::int64_t stamp_in(msghdr& message) {
  for (cmsghdr* c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c))
    if (const auto stamp = stamp_of(*c)) return stamp;
  return 0;
}

}  // namespace

ClockTie ClockTie::now() {
  ClockTie tie;
  tie.offset_ = read_both().offset();
  return tie;
}

std::optional<Instant> ClockTie::instant(std::int64_t stamped_realtime_ns, Instant read) const {
  // A stamp from after the read, or from over a minute before, means that someone set the wall clock. Two microseconds are the ties' own.
  const Instant at{stamped_realtime_ns + offset_};
  const Nanos lag = read - at;
  if (stamped_realtime_ns == 0 || lag < Nanos(-2'000) || lag > Nanos(60'000'000'000)) return std::nullopt;
  return std::min(at, read);
}

Arrival ClockTie::arrival(std::int64_t stamped_realtime_ns, Instant read) const {
  const auto at = instant(stamped_realtime_ns, read);
  return at ? Arrival{*at, Stamp::kernel, read - *at} : Arrival{read, Stamp::user, Nanos(0)};
}

std::int64_t stamp_of(const cmsghdr& message) {
  if (message.cmsg_level != SOL_SOCKET || message.cmsg_type != SCM_TIMESTAMPING) return 0;
  scm_timestamping stamps{};
  std::memcpy(&stamps, CMSG_DATA(&message), sizeof stamps);
  return nanos_of(stamps.ts[0]);
}

StampsHeld::StampsHeld() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  if (socket_ >= 0) ask_for_stamps(socket_);
}

StampsHeld::~StampsHeld() {
  if (socket_ >= 0) close(socket_);
}

void ask_for_stamps(int socket) {
  const int flags = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_TSONLY;
  setsockopt(socket, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof flags);
}

StampedRead receive_stamped(int socket, char* buffer, std::size_t size, const ClockTie& tie) {
  iovec piece{buffer, size};
  alignas(cmsghdr) std::array<char, 128> control;
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  StampedRead out;
  out.bytes = recvmsg(socket, &message, MSG_DONTWAIT);
  if (out.bytes >= 0) out.arrival = tie.arrival(stamp_in(message), monotonic_clock().now());
  return out;
}

std::optional<Instant> sent_stamp(int socket, const ClockTie& tie) {
  alignas(cmsghdr) std::array<char, 256> control;
  std::optional<Instant> last;
  for (;;) {
    msghdr message{};
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    if (recvmsg(socket, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return last;
    if (const auto at = tie.instant(stamp_in(message), monotonic_clock().now())) last = at;
  }
}

}  // namespace qc
