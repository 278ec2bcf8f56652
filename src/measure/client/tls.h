#pragma once
// TLS without sockets: cipher bytes in and out, plain bytes out and in. So one receive path stamps plain and TLS bytes alike.
#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"

namespace qc {

/// The system's trust store (SSL_CERT_FILE and SSL_CERT_DIR count as OpenSSL has it), TLS 1.2 or newer. Shared by sessions.
class TlsContext {
 public:
  /// Fails as usage where the system has no readable trust store.
  static Result<std::shared_ptr<TlsContext>> make();
  ~TlsContext();
  struct Impl;
  Impl& impl() { return *impl_; }

 private:
  TlsContext();
  std::unique_ptr<Impl> impl_;
};

/// One client session. The certificate must be valid for `host` (a name or an address). Not thread-safe.
class TlsSession {
 public:
  TlsSession(std::shared_ptr<TlsContext> context, const std::string& host);
  TlsSession(TlsSession&&) noexcept;
  ~TlsSession();

  /// Goes on with the handshake as far as the bytes so far allow. Send output() after each call.
  enum class Handshake { done, wants_more, failed };
  Handshake handshake();
  /// Cipher bytes from the network.
  void put(std::string_view cipher);
  /// Appends the plain bytes that can be read. False: the session is broken (error()) or the peer closed it (closed()).
  bool read(std::string& plain);
  bool write(std::string_view plain);
  /// Cipher bytes that must go to the network now.
  std::string output();
  [[nodiscard]] bool closed() const;
  [[nodiscard]] const std::string& error() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace qc
