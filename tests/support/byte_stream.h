#pragma once
// A blocking server-side connection, plain or TLS, for the scripted server.
#include <memory>
#include <string>
#include <string_view>

namespace qc::test {

class ByteStream {
 public:
  /// Owns the socket. `tls_context` is an SSL_CTX or null; the handshake happens at the first read.
  ByteStream(int socket, void* tls_context);
  ~ByteStream();
  bool write(std::string_view bytes);
  /// Appends what comes; false: the peer closed or broke off.
  bool read(std::string& to);
  bool peer_left() const;                 ///< an end of file or error waits
  void reset();                           ///< ends the connection with a TCP reset
  int socket() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// An SSL_CTX for a server with this certificate and key (PEM files).
std::shared_ptr<void> make_server_tls(const std::string& certificate, const std::string& key);
/// Writes a self-signed certificate for 127.0.0.1 and its key.
void write_certificate(const std::string& certificate, const std::string& key);

}  // namespace qc::test
