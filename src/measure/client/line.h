#pragma once
// One connection to the server, plain or TLS, that never blocks. Internal to measure/client.
#include <sys/socket.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "measure/client/http.h"
#include "measure/client/poller.h"
#include "measure/client/stamp.h"
#include "measure/client/tls.h"

namespace qc {

/// An address as connect() takes it.
struct SocketAddress { sockaddr_storage address; socklen_t size; };

/// A server whose name is looked up and whose TLS settings are loaded, for any number of connections.
struct Target {
  Address address;
  std::vector<SocketAddress> endpoints;
  std::shared_ptr<TlsContext> tls;        ///< null for plain http
};
/// Looks the name up (blocking). Fails as engine: unknown host; as usage: no trust store.
Result<Target> find_target(const Address& address);

/// How a connection failed.
struct Broken {
  Failure kind;
  std::string detail;
};

/// What a read brought: bytes, the end, a failure (after bytes that came before it), or nothing yet.
struct Received {
  std::string_view bytes;                 ///< valid until the next read into the same buffer
  Arrival arrival;
  bool end = false;                       ///< the peer closed
  std::optional<Broken> broken;
};

/// Every call does what the socket allows at once; where more is to be done, the poller says under `tag` when to call go_on() or receive().
class Line {
 public:
  Line(Poller& poller, void* tag, const Target& target);
  ~Line();
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  enum class State { closed, connecting, shaking_hands, open };
  [[nodiscard]] State state() const { return state_; }
  /// Begins to connect anew, address after address. Fails as connect or tls, as go_on() does until it is open.
  std::optional<Broken> open();
  /// Goes on with connecting, with shaking hands, or with what send() left. Fails as reset once open.
  std::optional<Broken> go_on();
  /// Takes all bytes. Call when open.
  std::optional<Broken> send(std::string_view bytes);
  [[nodiscard]] bool all_sent() const { return unsent_.empty(); }
  /// When the last byte was handed over: the kernel's stamp where it has one by now, else the instant after the call.
  [[nodiscard]] Instant sent() const { return sent_; }
  /// Whether sent() is the kernel's.
  [[nodiscard]] bool sent_is_stamped() const { return sent_is_stamped_; }
  /// A stamp of that which came later. The poller says `failed` until this is asked; where it delivers it says nothing: ask when the answer begins.
  std::optional<Instant> late_sent_stamp();
  Received receive(std::span<char> buffer, const ClockTie& tie);
  /// Whether what the poller delivered is of this connection, not of an earlier one.
  [[nodiscard]] bool expects(const Delivery& delivery) const { return ticket_ == delivery.ticket; }
  /// As receive(), of what was delivered; `read`: when.
  Received take(const Delivery& delivery, const ClockTie& tie, Instant read);
  /// Nothing waits to be read on an open connection, an end of file above all.
  bool quiet();
  [[nodiscard]] Instant last_used() const { return last_used_; }
  /// The peer sees it after the poller's next wait().
  void close();

 private:
  std::optional<Broken> connect_next();
  std::optional<Broken> connected();
  std::optional<Broken> shake_hands();
  std::optional<Broken> write_on();
  Received got_bytes(std::string_view bytes, const Arrival& arrival);
  [[nodiscard]] Broken not_open(Failure kind, std::string_view why) const;
  void watch();
  void watch_writing(bool wanted);
  Poller& poller_;
  void* tag_;
  const Target& target_;
  int socket_ = -1;
  State state_ = State::closed;
  std::size_t tried_ = 0;                 ///< addresses of the target
  bool waits_to_write_ = false, watched_ = false;
  bool sent_is_stamped_ = false;
  std::optional<std::uint64_t> ticket_;   ///< of the poller's deliveries
  std::optional<TlsSession> tls_;
  std::string unsent_, plain_;
  Instant sent_, last_used_;
};

}  // namespace qc
