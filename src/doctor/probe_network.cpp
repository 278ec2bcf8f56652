#include <arpa/inet.h>
#include <linux/io_uring.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <sstream>
#include <system_error>
#include <thread>

#include "core/proc_table.h"
#include "core/process.h"
#include "doctor/probes.h"
#include "measure/client/stamp.h"

namespace qc {
namespace {
using namespace std::chrono_literals;

constexpr std::array kUsualPorts = {8000, 8080, 30000};   // vLLM, llama-server, SGLang

sockaddr_in on_loopback(int port) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(static_cast<std::uint16_t>(port));
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return at;
}

bool is_taken(int port) {
  const int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);   // connections that have just ended take no port
  const sockaddr_in at = on_loopback(port);
  const bool taken = s >= 0 && bind(s, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0 && errno == EADDRINUSE;
  if (s >= 0) close(s);
  return taken;
}

/// Two ends of a connection on the loopback.
struct LoopbackPair {
  int here = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), there = -1;
  LoopbackPair() {
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at = on_loopback(0);
    socklen_t size = sizeof at;
    auto* raw = reinterpret_cast<sockaddr*>(&at);
    const bool up = bind(listener, raw, size) == 0 && listen(listener, 1) == 0 && getsockname(listener, raw, &size) == 0;
    if (up && connect(here, raw, size) == 0) there = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    close(listener);
  }
  LoopbackPair(const LoopbackPair&) = delete;
  LoopbackPair& operator=(const LoopbackPair&) = delete;
  ~LoopbackPair() {
    close(here);
    if (there >= 0) close(there);
  }
};

}  // namespace

PortFacts probe_ports() {
  PortFacts out;
  std::istringstream range(read_proc("/proc/sys/net/ipv4/ip_local_port_range"));
  if (int first = 0, last = 0; range >> first >> last) out.first = first, out.last = last;
  for (const int port : kUsualPorts)
    if (is_taken(port)) out.taken.push_back(port);
  if (const auto port = free_port(); !port) out.none_free = port.error().message;
  return out;
}

StampFacts probe_stamps() {
  StampFacts out;
  const LoopbackPair pair;
  if (pair.there < 0) return out;
  ask_for_stamps(pair.here);
  std::this_thread::sleep_for(20ms);   // the kernel switches stamping on in the background
  std::array<char, 16> buffer;
  if (send(pair.there, "x", 1, MSG_NOSIGNAL) == 1) std::this_thread::sleep_for(1ms);
  out.receive = receive_stamped(pair.here, buffer.data(), buffer.size(), ClockTie::now()).arrival.stamp == Stamp::kernel;
  if (send(pair.here, "x", 1, MSG_NOSIGNAL) == 1) std::this_thread::sleep_for(1ms);
  out.send = sent_stamp(pair.here, ClockTie::now()).has_value();
  return out;
}

RingFacts probe_ring() {
  io_uring_params params{};
  const auto ring = syscall(SYS_io_uring_setup, 2, &params);
  if (ring < 0) return {false, std::generic_category().message(errno)};
  close(static_cast<int>(ring));
  return {true, ""};
}

}  // namespace qc
