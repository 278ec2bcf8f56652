#include "measure/client/wire.h"

#include <sys/socket.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <system_error>

#include <fmt/format.h>

#include "measure/client/stamp.h"

namespace qc {
namespace {
using asio::ip::tcp;
using boost::system::error_code;

std::string reason(int error) { return std::generic_category().message(error); }

auto into(error_code& ec) { return asio::redirect_error(asio::use_awaitable, ec); }

}  // namespace

Result<Target> find_target(const Address& address) {
  Target out{address, {}, nullptr};
  asio::io_context io;
  error_code ec;
  for (const auto& entry : tcp::resolver(io).resolve(address.host, address.port, ec)) out.endpoints.push_back(entry.endpoint());
  if (ec) return fail(Fault::engine, fmt::format("{}: host \"{}\" is not found ({}); check the url", address.text(), address.host, ec.message()));
  if (!address.tls) return out;
  auto context = TlsContext::make();
  if (!context) return fail(context.error());
  out.tls = *context;
  return out;
}

Wire::Wire(asio::io_context& io, const Target& target) : io_(io), target_(target), socket_(io), buffer_(std::size_t{16} << 10) {}

void Wire::close() {
  error_code ignored;
  socket_.close(ignored);
}

asio::awaitable<std::optional<Broken>> Wire::open() {
  close();
  tls_.reset();
  socket_ = tcp::socket(io_);
  error_code ec;
  co_await asio::async_connect(socket_, target_.endpoints, into(ec));
  if (ec) co_return Broken{Failure::connect, fmt::format("{}: {}", target_.address.text(), ec.message())};
  socket_.set_option(tcp::no_delay(true), ec);
  socket_.non_blocking(true, ec);
  ask_for_stamps(socket_.native_handle());
  last_used_ = monotonic_clock().now();
  if (!target_.tls) co_return std::nullopt;
  tls_.emplace(target_.tls, target_.address.host);
  shaking_hands_ = true;
  auto broken = co_await shake_hands();
  shaking_hands_ = false;
  co_return broken;
}

asio::awaitable<std::optional<Broken>> Wire::shake_hands() {
  const auto broken = [&](std::string_view why) { return Broken{Failure::tls, fmt::format("{}: {}", target_.address.text(), why)}; };
  for (;;) {
    const auto state = tls_->handshake();
    if (auto failed = co_await write_all(tls_->output()); failed && state != TlsSession::Handshake::failed) co_return broken(failed->detail);
    if (state == TlsSession::Handshake::failed) co_return broken(tls_->error());
    if (state == TlsSession::Handshake::done) co_return std::nullopt;
    const Received got = co_await receive_raw();
    if (got.broken) co_return broken(got.broken->detail);
    if (got.bytes.empty()) co_return broken("the server closed the connection during the handshake");
    tls_->put(got.bytes);
  }
}

asio::awaitable<std::optional<Broken>> Wire::write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto n = ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(n));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) co_return Broken{Failure::reset, "while sending: " + reason(errno)};
    error_code ec;
    co_await socket_.async_wait(tcp::socket::wait_write, into(ec));
    if (ec) co_return Broken{Failure::reset, "while sending: " + ec.message()};
  }
  co_return std::nullopt;
}

asio::awaitable<std::optional<Broken>> Wire::send(std::string_view bytes, Instant& sent) {
  std::string cipher;
  if (tls_) {
    if (!tls_->write(bytes)) co_return Broken{Failure::reset, "while sending: " + tls_->error()};
    cipher = tls_->output();
    bytes = cipher;
  }
  auto broken = co_await write_all(bytes);
  last_used_ = sent = monotonic_clock().now();
  co_return broken;
}

asio::awaitable<Received> Wire::receive_raw() {
  for (;;) {
    error_code ec;
    co_await socket_.async_wait(tcp::socket::wait_read, into(ec));
    if (ec) co_return Received{{}, {}, Broken{Failure::reset, ec.message()}};
    const StampedRead got = receive_stamped(socket_.native_handle(), buffer_.data(), buffer_.size());
    if (got.bytes >= 0) {
      last_used_ = monotonic_clock().now();
      co_return Received{{buffer_.data(), static_cast<std::size_t>(got.bytes)}, got.arrival, std::nullopt};
    }
    if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) co_return Received{{}, {}, Broken{Failure::reset, reason(errno)}};
  }
}

asio::awaitable<Received> Wire::receive() {
  if (!tls_) co_return co_await receive_raw();
  if (tls_->closed()) co_return Received{};
  plain_.clear();
  for (;;) {
    Received got = co_await receive_raw();
    if (got.broken || got.bytes.empty()) co_return got;
    tls_->put(got.bytes);
    const bool going = tls_->read(plain_);
    if (const std::string reply = tls_->output(); !reply.empty()) co_await write_all(reply);   // key updates, alerts
    got.bytes = plain_;
    if (!going && !tls_->closed()) got.broken = Broken{Failure::reset, "TLS: " + tls_->error()};
    if (!going || !plain_.empty()) co_return got;
  }
}

bool Wire::fit_for_reuse(Instant now, Nanos idle_limit) {
  if (!socket_.is_open() || now - last_used_ > idle_limit) return false;
  const StampedRead waiting = receive_stamped(socket_.native_handle(), buffer_.data(), buffer_.size());
  if (waiting.bytes < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
  if (!tls_ || waiting.bytes == 0) return false;
  plain_.clear();
  tls_->put({buffer_.data(), static_cast<std::size_t>(waiting.bytes)});
  return tls_->read(plain_) && plain_.empty();   // session tickets come unasked and harm nothing
}

}  // namespace qc
