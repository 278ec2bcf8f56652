#include "support/byte_stream.h"

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <stdexcept>

namespace qc::test {

struct ByteStream::Impl {
  int fd;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl{nullptr, &SSL_free};
};

ByteStream::ByteStream(int socket, void* tls_context) : impl_(std::make_unique<Impl>()) {
  impl_->fd = socket;
  if (!tls_context) return;
  impl_->ssl.reset(SSL_new(static_cast<SSL_CTX*>(tls_context)));
  SSL_set_fd(impl_->ssl.get(), socket);
  SSL_set_accept_state(impl_->ssl.get());
}

ByteStream::~ByteStream() {
  if (impl_->ssl) SSL_shutdown(impl_->ssl.get());
  close(impl_->fd);
}

bool ByteStream::write(std::string_view bytes) {
  if (impl_->ssl) return SSL_write(impl_->ssl.get(), bytes.data(), static_cast<int>(bytes.size())) > 0;
  while (!bytes.empty()) {
    const auto n = send(impl_->fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

bool ByteStream::read(std::string& to) {
  std::array<char, 16 * 1024> piece;
  const auto n = impl_->ssl ? SSL_read(impl_->ssl.get(), piece.data(), static_cast<int>(piece.size()))
                            : static_cast<int>(recv(impl_->fd, piece.data(), piece.size(), 0));
  if (n > 0) to.append(piece.data(), static_cast<std::size_t>(n));
  return n > 0;
}

bool ByteStream::peer_left() const {
  pollfd p{impl_->fd, POLLRDHUP, 0};
  return poll(&p, 1, 0) > 0;
}

void ByteStream::reset() {
  const linger now{1, 0};
  setsockopt(impl_->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  impl_->ssl.reset();
}

int ByteStream::socket() const { return impl_->fd; }

std::shared_ptr<void> make_server_tls(const std::string& certificate, const std::string& key) {
  std::signal(SIGPIPE, SIG_IGN);   // OpenSSL writes without MSG_NOSIGNAL
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  if (SSL_CTX_use_certificate_file(context, certificate.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1)
    throw std::runtime_error("cannot use " + certificate + " and " + key);
  return {context, [](void* c) { SSL_CTX_free(static_cast<SSL_CTX*>(c)); }};
}

void write_certificate(const std::string& certificate, const std::string& key) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> pair(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> x509(X509_new(), &X509_free);
  X509_set_version(x509.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x509.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(x509.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x509.get()), 86400);
  X509_set_pubkey(x509.get(), pair.get());
  X509_NAME* name = X509_get_subject_name(x509.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("127.0.0.1"), -1, -1, 0);
  X509_set_issuer_name(x509.get(), name);
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> alternative(
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1"), &X509_EXTENSION_free);
  X509_add_ext(x509.get(), alternative.get(), -1);
  X509_sign(x509.get(), pair.get(), EVP_sha256());
  const std::unique_ptr<FILE, decltype(&fclose)> c(fopen(certificate.c_str(), "w"), &fclose), k(fopen(key.c_str(), "w"), &fclose);
  if (!c || !k || PEM_write_X509(c.get(), x509.get()) != 1 || PEM_write_PrivateKey(k.get(), pair.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
    throw std::runtime_error("cannot write " + certificate + " and " + key);
}

}  // namespace qc::test
