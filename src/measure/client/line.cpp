#include "measure/client/line.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include <fmt/format.h>

namespace qc {
namespace {

constexpr std::size_t kHandshakeRead = std::size_t{16} << 10;

std::string reason(int error) { return std::generic_category().message(error); }
std::string why_no_socket(int error) { return reason(error) + (error == EMFILE ? ", the limit of this process: take fewer at once, or raise it (`ulimit -n`)" : ""); }
bool try_again(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

std::vector<SocketAddress> look_up(const Address& address, std::string& why) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  if (const int code = getaddrinfo(address.host.c_str(), address.port.c_str(), &hints, &found); code != 0) {
    why = gai_strerror(code);
    return {};
  }
  std::vector<SocketAddress> out;
  for (const addrinfo* each = found; each; each = each->ai_next) {
    SocketAddress endpoint{{}, each->ai_addrlen};
    std::memcpy(&endpoint.address, each->ai_addr, each->ai_addrlen);
    out.push_back(endpoint);
  }
  freeaddrinfo(found);
  return out;
}

}  // namespace

Result<Target> find_target(const Address& address) {
  std::string why;
  Target out{address, look_up(address, why), nullptr};
  if (out.endpoints.empty()) return fail(Fault::engine, fmt::format("{}: host \"{}\" is not found ({}); check the url", address.text(), address.host, why));
  if (!address.tls) return out;
  auto context = TlsContext::make();
  if (!context) return fail(context.error());
  out.tls = *context;
  return out;
}

Line::Line(Poller& poller, void* tag, const Target& target) : poller_(poller), tag_(tag), target_(target) {}
Line::~Line() { close(); }

void Line::close() {
  if (ticket_) poller_.forget(*ticket_);
  ticket_.reset();
  if (socket_ >= 0 && watched_) poller_.unwatch(socket_);
  if (socket_ >= 0) poller_.close_later(socket_);
  socket_ = -1;
  state_ = State::closed;
  watched_ = waits_to_write_ = false;
  tls_.reset();
  unsent_.clear();
}

Broken Line::not_open(Failure kind, std::string_view why) const { return {kind, fmt::format("{}: {}", target_.address.text(), why)}; }

void Line::watch_writing(bool wanted) {
  if (watched_ && wanted == waits_to_write_) return;
  watched_ ? poller_.change(socket_, tag_, wanted) : poller_.watch(socket_, tag_, wanted);
  watched_ = true;
  waits_to_write_ = wanted;
}

/// An open plain connection is read by the poller where that can; it is watched while something is to be written only.
void Line::watch() {
  const bool unsent = !unsent_.empty();
  if (tls_ || state_ != State::open || !poller_.delivers()) return watch_writing(state_ == State::connecting || unsent);
  if (unsent) watch_writing(true);
  else if (watched_) poller_.unwatch(socket_);
  watched_ = unsent;
  if (!ticket_) ticket_ = poller_.deliver(socket_, tag_);
}

std::optional<Broken> Line::open() {
  close();
  tried_ = 0;
  return connect_next();
}

std::optional<Broken> Line::connect_next() {
  int error = EADDRNOTAVAIL;
  while (tried_ < target_.endpoints.size()) {
    const SocketAddress& to = target_.endpoints[tried_++];
    close();
    socket_ = ::socket(to.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (socket_ < 0) {
      error = errno;
      continue;
    }
    const int yes = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    ask_for_stamps(socket_);
    state_ = State::connecting;
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&to.address), to.size) == 0) return connected();
    error = errno;
    if (error == EINPROGRESS) {
      watch();
      return std::nullopt;
    }
  }
  close();
  return not_open(Failure::connect, why_no_socket(error));
}

std::optional<Broken> Line::connected() {
  last_used_ = monotonic_clock().now();
  if (target_.tls) {
    state_ = State::shaking_hands;
    tls_.emplace(target_.tls, target_.address.host);
    watch();
    return shake_hands();
  }
  state_ = State::open;
  watch();
  return std::nullopt;
}

std::optional<Broken> Line::shake_hands() {
  std::array<char, kHandshakeRead> buffer;
  for (;;) {
    const auto state = tls_->handshake();
    unsent_ += tls_->output();
    if (auto failed = write_on(); failed && state != TlsSession::Handshake::failed) return not_open(Failure::tls, failed->detail);
    if (state == TlsSession::Handshake::failed) return not_open(Failure::tls, tls_->error());
    if (state == TlsSession::Handshake::done) {
      state_ = State::open;
      last_used_ = monotonic_clock().now();
      return std::nullopt;
    }
    const auto n = ::recv(socket_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (n < 0 && try_again(errno)) return std::nullopt;
    if (n < 0) return not_open(Failure::tls, reason(errno));
    if (n == 0) return not_open(Failure::tls, "the server closed the connection during the handshake");
    tls_->put({buffer.data(), static_cast<std::size_t>(n)});
  }
}

std::optional<Broken> Line::go_on() {
  if (state_ == State::connecting) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error == 0) {
      sockaddr_storage peer;
      socklen_t peer_size = sizeof peer;
      if (getpeername(socket_, reinterpret_cast<sockaddr*>(&peer), &peer_size) != 0) return std::nullopt;   // not yet
      return connected();
    }
    if (tried_ < target_.endpoints.size()) return connect_next();
    close();
    return not_open(Failure::connect, reason(error));
  }
  if (state_ == State::shaking_hands) return shake_hands();
  return write_on();
}

std::optional<Broken> Line::write_on() {
  std::size_t done = 0;
  std::optional<Broken> broken;
  while (done < unsent_.size()) {
    const auto n = ::send(socket_, unsent_.data() + done, unsent_.size() - done, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n >= 0) {
      done += static_cast<std::size_t>(n);
      continue;
    }
    if (errno == EINTR) continue;
    if (!try_again(errno)) broken = Broken{Failure::reset, "while sending: " + reason(errno)};
    break;
  }
  if (done > 0) {
    last_used_ = sent_ = monotonic_clock().now();
    const auto stamp = sent_stamp(socket_, ClockTie::now());
    sent_is_stamped_ = stamp && done == unsent_.size();
    if (sent_is_stamped_) sent_ = *stamp;
  }
  unsent_.erase(0, done);
  if (socket_ >= 0) watch();
  return broken;
}

std::optional<Broken> Line::send(std::string_view bytes) {
  if (tls_ && !tls_->write(bytes)) return Broken{Failure::reset, "while sending: " + tls_->error()};
  unsent_ += tls_ ? tls_->output() : std::string(bytes);   // behind what TLS may still have to say
  sent_ = monotonic_clock().now();
  return write_on();
}

std::optional<Instant> Line::late_sent_stamp() {
  const auto stamp = socket_ >= 0 ? sent_stamp(socket_, ClockTie::now()) : std::nullopt;
  if (!stamp || !all_sent()) return std::nullopt;
  sent_is_stamped_ = true;
  return sent_ = *stamp;
}

Received Line::receive(std::span<char> buffer, const ClockTie& tie) {
  if (socket_ < 0) return {};
  if (tls_ && tls_->closed()) return {.bytes = {}, .arrival = {}, .end = true, .broken = {}};
  const StampedRead got = receive_stamped(socket_, buffer.data(), buffer.size(), tie);
  if (got.bytes >= 0) return got_bytes({buffer.data(), static_cast<std::size_t>(got.bytes)}, got.arrival);
  if (try_again(errno)) return {};
  return {.bytes = {}, .arrival = {}, .end = false, .broken = Broken{Failure::reset, reason(errno)}};
}

Received Line::take(const Delivery& delivery, const ClockTie& tie, Instant read) {
  if (delivery.error == 0) return got_bytes(delivery.bytes, tie.arrival(delivery.stamped_ns, read));
  return {.bytes = {}, .arrival = {}, .end = false, .broken = Broken{Failure::reset, reason(delivery.error)}};
}

Received Line::got_bytes(std::string_view bytes, const Arrival& arrival) {
  last_used_ = arrival.at + arrival.lag;
  if (bytes.empty()) return {.bytes = {}, .arrival = arrival, .end = true, .broken = {}};
  Received out{bytes, arrival, false, std::nullopt};
  if (!tls_) return out;
  plain_.clear();
  tls_->put(out.bytes);
  const bool going = tls_->read(plain_);
  if (const std::string reply = tls_->output(); !reply.empty()) {   // key updates, alerts
    unsent_ += reply;
    write_on();
  }
  out.bytes = plain_;
  if (!going && tls_->closed()) out.end = plain_.empty();
  else if (!going) out.broken = Broken{Failure::reset, "TLS: " + tls_->error()};
  return out;
}

bool Line::quiet() {
  std::array<char, 4096> buffer;
  const auto waiting = ::recv(socket_, buffer.data(), buffer.size(), MSG_DONTWAIT | (tls_ ? 0 : MSG_PEEK));
  if (waiting < 0) return try_again(errno);
  if (!tls_ || waiting == 0) return false;
  plain_.clear();
  tls_->put({buffer.data(), static_cast<std::size_t>(waiting)});
  return tls_->read(plain_) && plain_.empty();   // session tickets come unasked and harm nothing
}

}  // namespace qc
