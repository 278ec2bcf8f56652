#pragma once
// One connection to the server, plain or TLS. Internal to measure/client: Asio's types stay here.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "measure/client/http.h"
#include "measure/client/tape.h"
#include "measure/client/tls.h"

namespace qc {
namespace asio = boost::asio;

/// A server whose name is looked up and whose TLS settings are loaded, for any number of connections.
struct Target {
  Address address;
  std::vector<asio::ip::tcp::endpoint> endpoints;
  std::shared_ptr<TlsContext> tls;        ///< null for plain http
};
/// Looks the name up (blocking). Fails as engine: unknown host; as usage: no trust store.
Result<Target> find_target(const Address& address);

/// How a connection failed.
struct Broken {
  Failure kind;
  std::string detail;
};

/// Bytes that came, or why none will: both empty means the peer closed.
struct Received {
  std::string_view bytes;                 ///< valid until the next receive
  Arrival arrival;
  std::optional<Broken> broken;
};

class Wire {
 public:
  Wire(asio::io_context& io, const Target& target);
  /// Connects anew (and shakes hands). Fails as connect or tls.
  asio::awaitable<std::optional<Broken>> open();
  /// `sent` is the instant after the last byte was handed to the kernel. Fails as reset.
  asio::awaitable<std::optional<Broken>> send(std::string_view bytes, Instant& sent);
  asio::awaitable<Received> receive();
  /// Open, used at most `idle_limit` ago, and nothing (an end of file above all) waits to be read.
  bool fit_for_reuse(Instant now, Nanos idle_limit);
  [[nodiscard]] bool is_open() const { return socket_.is_open(); }
  /// Connected, and the TLS handshake is not over yet.
  [[nodiscard]] bool shaking_hands() const { return shaking_hands_; }
  /// Closes; a call in progress ends with an error.
  void close();

 private:
  asio::awaitable<std::optional<Broken>> write_all(std::string_view bytes);
  asio::awaitable<std::optional<Broken>> shake_hands();
  asio::awaitable<Received> receive_raw();
  asio::io_context& io_;
  const Target& target_;
  asio::ip::tcp::socket socket_;
  std::optional<TlsSession> tls_;
  std::vector<char> buffer_;
  std::string plain_;
  Instant last_used_;
  bool shaking_hands_ = false;
};

}  // namespace qc
