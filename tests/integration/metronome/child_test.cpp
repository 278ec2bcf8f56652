// The metronome as a process, asked over a plain socket: what it notes down is what it did.
#include "measure/metronome/child.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>
#include <thread>

namespace qc {
namespace {
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view kEnd = "0\r\n\r\n";

class Caller {
 public:
  explicit Caller(int port) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(static_cast<std::uint16_t>(port));
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(socket_, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0;
  }
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;
  ~Caller() { close(socket_); }
  void ask(const std::string& id, int tokens) {
    const std::string body = "{\"max_tokens\":" + std::to_string(tokens) + "}";
    put("POST /v1/completions HTTP/1.1\r\nX-Request-Id: " + id + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }
  void put(const std::string& bytes) {
    asked_ = monotonic_clock().now();
    EXPECT_EQ(send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }
  /// Until `end` has come, or the server closed.
  std::string read_until(std::string_view end) {
    std::string text;
    std::array<char, 4096> buffer;
    while (!text.ends_with(end)) {
      const auto n = recv(socket_, buffer.data(), buffer.size(), 0);
      if (n <= 0) return text + "(closed)";
      text.append(buffer.data(), static_cast<std::size_t>(n));
    }
    read_ = monotonic_clock().now();
    return text;
  }
  bool connected_ = false;
  Instant asked_, read_;

 private:
  int socket_ = socket(AF_INET, SOCK_STREAM, 0);
};

int count(const std::string& text, const std::string& what) {
  int n = 0;
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + 1)) ++n;
  return n;
}

MetronomeChild start(Rhythm rhythm = Rhythm::lock_step, LogRoom room = {8, 100}, int per_event = 1) {
  return MetronomeChild::start({.port = 0, .first = 20ms, .gap = 5ms, .rhythm = rhythm, .tokens_per_event = per_event}, room).value();
}

TEST(MetronomeChild, NotesEachSendWhenItHappened) {
  auto server = start();
  Caller caller(server.port());
  ASSERT_TRUE(caller.connected_);
  caller.ask("one", 4);
  const std::string text = caller.read_until(kEnd);
  EXPECT_THAT(text, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_EQ(count(text, "\"text\":\""), 4);
  const auto truth = server.stop();
  ASSERT_EQ(truth.size(), 1u);
  EXPECT_EQ(truth[0].id, "one");
  ASSERT_EQ(truth[0].sends.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_GE(truth[0].sends[i].before - caller.asked_, 15ms + i * 5ms) << "never before it is due: the grid brings the first up to a gap forward";
    EXPECT_LE(truth[0].sends[i].before, truth[0].sends[i].after);
  }
  EXPECT_LE(truth[0].sends[3].before, caller.read_) << "it had been sent before we had read it";
}

TEST(MetronomeChild, AConnectionCarriesOneRequestAfterAnother) {
  auto server = start(Rhythm::jittered);
  Caller caller(server.port());
  for (const char* id : {"a", "b"}) {
    caller.ask(id, 2);
    EXPECT_EQ(count(caller.read_until(kEnd), "\"text\":\""), 2);
  }
  caller.put("GET /health HTTP/1.1\r\n\r\n");
  EXPECT_THAT(caller.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 404 "));
  const auto truth = server.stop();
  ASSERT_EQ(truth.size(), 2u);
  EXPECT_EQ(truth[1].id, "b");
  EXPECT_EQ(truth[1].sends.size(), 2u);
}

TEST(MetronomeChild, WhoHangsUpDisturbsNobody) {
  auto server = start();
  Caller stays(server.port());
  {
    Caller leaves(server.port());
    leaves.ask("leaves", 50);
    leaves.read_until("\n\n\r\n");
  }
  Caller comes(server.port());   // may get the very same file number
  stays.ask("stays", 6);
  comes.ask("comes", 6);
  EXPECT_EQ(count(stays.read_until(kEnd), "\"text\":\""), 6);
  EXPECT_EQ(count(comes.read_until(kEnd), "\"text\":\""), 6);
  const auto truth = server.stop();
  ASSERT_EQ(truth.size(), 3u);
  EXPECT_LT(truth[0].sends.size(), 50u);
  EXPECT_EQ(truth[1].sends.size(), 6u);
  EXPECT_EQ(truth[2].sends.size(), 6u);
}

double children_cpu_s() {
  rusage used{};
  getrusage(RUSAGE_CHILDREN, &used);
  return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6;
}

TEST(MetronomeChild, AConnectionThatWasClosedKeepsItFromNoSleep) {
  const double before = children_cpu_s();
  auto server = start();
  { Caller leaves(server.port()); }
  std::this_thread::sleep_for(1s);
  server.stop();
  EXPECT_LT(children_cpu_s() - before, 0.2);
}

TEST(MetronomeChild, ManyTokensAnEventAreOneSend) {
  auto server = start(Rhythm::lock_step, {1, 3}, 4);
  Caller caller(server.port());
  caller.ask("x", 10);
  const std::string text = caller.read_until(kEnd);
  EXPECT_EQ(count(text, "\"text\":\""), 3);
  EXPECT_THAT(text, HasSubstr("\"completion_tokens\":10"));
  EXPECT_EQ(server.stop()[0].sends.size(), 3u);
}

TEST(MetronomeChild, WhatItsLogHasNoRoomForIsRefused) {
  auto server = start(Rhythm::lock_step, {1, 3});
  Caller caller(server.port());
  caller.ask("too long", 4);
  EXPECT_THAT(caller.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 503 "));
  caller.ask("fits", 3);
  EXPECT_EQ(count(caller.read_until(kEnd), "\"text\":\""), 3);
}

TEST(MetronomeChild, ListensNoMoreOnceItIsStopped) {
  auto server = start();
  const int port = server.port();
  EXPECT_TRUE(Caller(port).connected_);
  server.stop();
  EXPECT_FALSE(Caller(port).connected_);
}

TEST(MetronomeChild, APortThatIsTakenIsAFailure) {
  const auto server = start();
  const auto second = MetronomeChild::start({.port = server.port(), .first = 20ms, .gap = 5ms, .rhythm = Rhythm::lock_step, .tokens_per_event = 1}, {1, 1});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().fault, Fault::engine);
  EXPECT_THAT(second.error().message, HasSubstr("127.0.0.1:" + std::to_string(server.port())));
}

}  // namespace
}  // namespace qc
