#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "measure/client/stream_client.h"
#include "support/byte_stream.h"
#include "support/reading.h"
#include "support/scripted_server.h"

namespace qc {
namespace {

/// A server with a self-signed certificate, which counts as trusted while `trust` holds.
class Tls : public testing::Test {
 protected:
  Tls() {
    std::filesystem::create_directories(folder_);
    test::write_certificate(certificate(), key());
  }
  ~Tls() override {
    unsetenv("SSL_CERT_FILE");
    std::filesystem::remove_all(folder_);
  }
  std::string certificate() const { return folder_ / "certificate.pem"; }
  std::string key() const { return folder_ / "key.pem"; }
  void trust() const { setenv("SSL_CERT_FILE", certificate().c_str(), 1); }

  static RequestRecord ask(const std::string& url, Seconds byte_timeout = Seconds(5)) {
    const StopFlag stop;
    const std::vector<Outgoing> two = {{0, "r-0", "", false, {.model = "m", .prompt = "x", .max_tokens = 8}},
                                       {1, "r-1", "", false, {.model = "m", .prompt = "x", .max_tokens = 8}}};
    auto result = closed_loop({.address = parse_url(url).value(), .api_key = "", .byte_timeout = byte_timeout, .reading = test::reading()}, two, 1, stop, {});
    EXPECT_EQ(result.reconnects, 0);
    return result.records.at(1);
  }

 private:
  std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ("qc_tls_" + std::to_string(getpid()));
};

TEST_F(Tls, ATrustedServerIsMeasuredOverOneConnection) {
  trust();
  const test::ScriptedServer server({.gap = std::chrono::milliseconds(1)}, {.certificate = certificate(), .key = key()});
  const RequestRecord r = ask(server.url());
  EXPECT_TRUE(r.ok()) << r.failure_detail;
  EXPECT_EQ(r.output_tokens, 8);
  EXPECT_EQ(server.connections(), 1);
  EXPECT_EQ(http_get(parse_url(server.url()).value(), "/health", Seconds(5)).value().body, R"({"status":"ok"})");
}

TEST_F(Tls, AnUnknownCertificateIsATlsFailure) {
  const test::ScriptedServer server({}, {.certificate = certificate(), .key = key()});
  const RequestRecord r = ask(server.url());
  EXPECT_EQ(r.failure, Failure::tls);
  EXPECT_NE(r.failure_detail.find("self-signed certificate"), std::string::npos) << r.failure_detail;
}

TEST_F(Tls, ACertificateForAnotherHostIsATlsFailure) {
  trust();
  const test::ScriptedServer server({}, {.certificate = certificate(), .key = key()});
  const RequestRecord r = ask("https://localhost:" + std::to_string(server.port()));
  EXPECT_EQ(r.failure, Failure::tls);
  EXPECT_NE(r.failure_detail.find("mismatch"), std::string::npos) << r.failure_detail;
}

TEST_F(Tls, AServerThatSpeaksNoTlsIsATlsFailure) {
  const test::ScriptedServer server;   // waits for the end of a request head that a TLS hello never has
  const RequestRecord r = ask("https://127.0.0.1:" + std::to_string(server.port()), Seconds(0.2));
  EXPECT_EQ(r.failure, Failure::tls);
  EXPECT_NE(r.failure_detail.find("within 0.2 s"), std::string::npos) << r.failure_detail;
}

}  // namespace
}  // namespace qc
