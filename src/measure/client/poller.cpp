#include "measure/client/poller.h"

#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace qc {
namespace {

constexpr std::size_t kAtOnce = 256;

timespec until_then(Instant until) {
  const std::int64_t left = std::max<std::int64_t>(0, (until - monotonic_clock().now()).count());
  return {static_cast<time_t>(left / 1'000'000'000), static_cast<long>(left % 1'000'000'000)};
}

/// epoll_pwait2 knows nanoseconds; kernels before 5.11 get whole milliseconds, rounded up.
int wait_for(int epoll, epoll_event* events, const timespec& left) {
  static bool old_kernel = false;
  if (!old_kernel) {
    const int n = epoll_pwait2(epoll, events, kAtOnce, &left, nullptr);
    if (n >= 0 || errno != ENOSYS) return n;
    old_kernel = true;
  }
  return epoll_wait(epoll, events, kAtOnce, static_cast<int>(left.tv_sec * 1000 + (left.tv_nsec + 999'999) / 1'000'000));
}

}  // namespace

Poller::Poller(Reading reading) : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  ready_.reserve(2 * kAtOnce);
  if (reading == Reading::automatic) ring_ = Ring::make();
  if (ring_) ring_->watch(epoll_);
}

Poller::~Poller() {
  close_now();
  close(epoll_);
}

void Poller::close_later(int socket) {
  constexpr std::size_t kMost = 32;       // open files are few
  if (to_close_.size() == kMost) close_now();
  to_close_.push_back(socket);
}

void Poller::close_now() {
  for (const int socket : to_close_) close(socket);
  to_close_.clear();
}

void Poller::control(int operation, int socket, void* tag, bool writable) const {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLRDHUP | (writable ? EPOLLOUT : 0u);
  event.data.ptr = tag;
  if (epoll_ctl(epoll_, operation, socket, &event) != 0) throw std::system_error(errno, std::generic_category(), "epoll_ctl");
}

void Poller::watch(int socket, void* tag, bool writable) { control(EPOLL_CTL_ADD, socket, tag, writable); }
void Poller::unwatch(int socket) const { epoll_ctl(epoll_, EPOLL_CTL_DEL, socket, nullptr); }
void Poller::change(int socket, void* tag, bool writable) { control(EPOLL_CTL_MOD, socket, tag, writable); }

void Poller::add_watched(Instant until) {
  std::array<epoll_event, kAtOnce> events;
  const int n = wait_for(epoll_, events.data(), until_then(until));
  for (int i = 0; i < n; ++i) {
    const std::uint32_t e = events[static_cast<std::size_t>(i)].events;
    ready_.push_back({events[static_cast<std::size_t>(i)].data.ptr, (e & (EPOLLIN | EPOLLRDHUP | EPOLLHUP)) != 0, (e & (EPOLLOUT | EPOLLHUP)) != 0, (e & EPOLLERR) != 0});
  }
  more_watched_ = n > 0;
}

std::span<const Ready> Poller::wait(Instant until) {
  ready_.clear();
  close_now();
  if (!ring_) {
    add_watched(until);
    return ready_;
  }
  if (more_watched_) add_watched(Instant{0});
  for (const Delivery& each : ring_->wait(ready_.empty() ? until : Instant{0})) ready_.push_back({.tag = each.tag, .delivery = &each});
  if (ring_->woken() && ready_.size() < kAtOnce) add_watched(Instant{0});
  else if (ring_->woken()) more_watched_ = true;
  return ready_;
}

PreciseSleep::PreciseSleep() : before_(static_cast<unsigned long>(std::max(0, prctl(PR_GET_TIMERSLACK)))) { prctl(PR_SET_TIMERSLACK, 1UL); }
PreciseSleep::~PreciseSleep() { prctl(PR_SET_TIMERSLACK, before_); }

}  // namespace qc
