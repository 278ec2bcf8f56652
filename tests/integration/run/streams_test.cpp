// What an open stream takes of our memory, by the program's own word on its peak.
#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "core/files.h"
#include "core/json.h"
#include "core/process.h"
#include "support/byte_stream.h"
#include "support/scripted_server.h"

namespace qc {
namespace {
using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr int kFew = 16, kMany = 416;

struct Streams : testing::Test {
  const fs::path dir = fs::temp_directory_path() / ("qc_streams_" + std::to_string(getpid()));
  Streams() { fs::create_directories(dir); }
  ~Streams() override {
    unsetenv("SSL_CERT_FILE");
    fs::remove_all(dir);
  }
  /// Peak of the program's memory in KiB while so many streams are open at once, which the server has counted.
  double peak_kib(const test::ScriptedServer& server, int streams) const {
    const std::string n = std::to_string(streams), file = (dir / (n + ".json")).string();
    const auto said = capture({.words = {QC_BINARY_DIR "/quantcase", "bench", "--url", server.url(), "--concurrency", n, "--requests", n, "--max-tokens", "4", "--warmup", "0", "--quiet", "--json", file}}, Seconds(60));
    EXPECT_TRUE(said);
    const Json b = Json::parse(read_file(file).value());
    EXPECT_EQ(b["requests_ok"], streams) << b.dump(1);
    EXPECT_EQ(server.most_at_once(), streams);
    return b["client_peak_rss_mib"].get<double>() * 1024;
  }
  double kib_a_stream(const test::ServerOptions& options) const {
    const test::ScriptedServer few({.first = 1500ms, .gap = 100ms}, options), many({.first = 1500ms, .gap = 100ms}, options);
    const double before = peak_kib(few, kFew);
    return (peak_kib(many, kMany) - before) / (kMany - kFew);
  }
};

TEST_F(Streams, OneTakesAtMost32KiB) { EXPECT_LT(kib_a_stream({}), 32); }

// OpenSSL itself takes 35 KiB of TLS 1.3, of which 16 are for messages that may come after the handshake.
TEST_F(Streams, OneOverTlsTakesAtMost48KiB) {
  const std::string certificate = dir / "certificate.pem", key = dir / "key.pem";
  test::write_certificate(certificate, key);
  setenv("SSL_CERT_FILE", certificate.c_str(), 1);
  EXPECT_LT(kib_a_stream({.certificate = certificate, .key = key}), 48);
}

}  // namespace
}  // namespace qc
