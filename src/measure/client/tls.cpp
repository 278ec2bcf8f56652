#include "measure/client/tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>

namespace qc {
namespace {

std::string openssl_error() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  if (code == 0) return "the peer broke off";
  const char* reason = ERR_reason_error_string(code);
  return reason ? reason : "error " + std::to_string(code);
}

bool is_ip(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> out{};
  return inet_pton(AF_INET, host.c_str(), out.data()) == 1 || inet_pton(AF_INET6, host.c_str(), out.data()) == 1;
}

/// The certificate must be for this very host; a name is also sent along (SNI), an address may not be.
void expect_host(SSL* ssl, const std::string& host) {
  if (is_ip(host)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str());
    return;
  }
  SSL_set_tlsext_host_name(ssl, host.c_str());
  SSL_set1_host(ssl, host.c_str());
}

}  // namespace

struct TlsContext::Impl {
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{SSL_CTX_new(TLS_client_method()), &SSL_CTX_free};
};

TlsContext::TlsContext() : impl_(std::make_unique<Impl>()) {}
TlsContext::~TlsContext() = default;

Result<std::shared_ptr<TlsContext>> TlsContext::make() {
  std::shared_ptr<TlsContext> made(new TlsContext);
  SSL_CTX* context = made->impl_->context.get();
  if (!context || SSL_CTX_set_default_verify_paths(context) != 1)
    return fail(Fault::usage, "https: OpenSSL cannot read the system's certificates (" + openssl_error() + "); install ca-certificates");
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);   // else every stream keeps buffers for records while it waits
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  return made;
}

struct TlsSession::Impl {
  std::shared_ptr<TlsContext> context;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl{nullptr, &SSL_free};
  BIO* in = nullptr;    // owned by ssl
  BIO* out = nullptr;
  std::string error;
  bool closed = false;

  /// What a call that returned `code` means: true, it only wants more bytes.
  bool wants_more(int code);
};

TlsSession::TlsSession(std::shared_ptr<TlsContext> context, const std::string& host) : impl_(std::make_unique<Impl>()) {
  impl_->context = std::move(context);
  impl_->ssl.reset(SSL_new(impl_->context->impl().context.get()));
  impl_->in = BIO_new(BIO_s_mem());
  impl_->out = BIO_new(BIO_s_mem());
  SSL_set_bio(impl_->ssl.get(), impl_->in, impl_->out);
  SSL_set_connect_state(impl_->ssl.get());
  expect_host(impl_->ssl.get(), host);
}
TlsSession::TlsSession(TlsSession&&) noexcept = default;
TlsSession::~TlsSession() = default;

bool TlsSession::Impl::wants_more(int code) {
  const int why = SSL_get_error(ssl.get(), code);
  if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) return true;
  if (why == SSL_ERROR_ZERO_RETURN) {
    closed = true;
    return false;
  }
  const long verify = SSL_get_verify_result(ssl.get());
  error = verify != X509_V_OK ? X509_verify_cert_error_string(verify) : openssl_error();
  return false;
}

TlsSession::Handshake TlsSession::handshake() {
  ERR_clear_error();
  const int code = SSL_do_handshake(impl_->ssl.get());
  if (code == 1) return Handshake::done;
  return impl_->wants_more(code) ? Handshake::wants_more : Handshake::failed;
}

void TlsSession::put(std::string_view cipher) { BIO_write(impl_->in, cipher.data(), static_cast<int>(cipher.size())); }

bool TlsSession::read(std::string& plain) {
  std::array<char, std::size_t{16} << 10> piece;
  ERR_clear_error();
  for (;;) {
    const int n = SSL_read(impl_->ssl.get(), piece.data(), static_cast<int>(piece.size()));
    if (n <= 0) return impl_->wants_more(n);
    plain.append(piece.data(), static_cast<std::size_t>(n));
  }
}

bool TlsSession::write(std::string_view plain) {
  ERR_clear_error();
  const int n = SSL_write(impl_->ssl.get(), plain.data(), static_cast<int>(plain.size()));
  return n == static_cast<int>(plain.size()) || (impl_->wants_more(n) && false);
}

std::string TlsSession::output() {
  std::string bytes(BIO_ctrl_pending(impl_->out), '\0');
  if (!bytes.empty()) BIO_read(impl_->out, bytes.data(), static_cast<int>(bytes.size()));
  return bytes;
}

bool TlsSession::closed() const { return impl_->closed; }
const std::string& TlsSession::error() const { return impl_->error; }

}  // namespace qc
