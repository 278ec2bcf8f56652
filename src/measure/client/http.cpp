#include "measure/client/http.h"

#include <fmt/format.h>

#include "measure/client/line.h"
#include "measure/client/request_text.h"
#include "measure/client/response.h"

namespace qc {
namespace {

constexpr std::size_t kLargestBody = 64u << 20, kExchangeReadSize = std::size_t{64} << 10;

/// One request on a connection of its own, until its answer is there, something breaks, or it is `end`.
class Exchange {
 public:
  Exchange(const Target& target, std::string request, Instant end) : line_(poller_, nullptr, target), request_(std::move(request)), end_(end), buffer_(kExchangeReadSize) {}

  /// Empty: the answer is there.
  std::optional<std::string> run() {
    for (auto broken = line_.open();; broken = line_.go_on()) {
      if (broken) return broken->detail;
      if (line_.state() == Line::State::open) break;
      if (!wait()) return "no whole answer in time";
    }
    if (auto broken = line_.send(request_)) return broken->detail;
    while (!answer.complete() && answer.error().empty() && body.size() < kLargestBody) {
      if (!wait()) return "no whole answer in time";
      if (auto broken = go_on(); broken && !answer.complete()) return broken;
    }
    if (answer.complete()) return std::nullopt;
    return answer.error().empty() ? "the answer is over 64 MiB" : answer.error();
  }

  ResponseParser answer;
  std::string body;

 private:
  bool wait() {
    while (poller_.wait(end_).empty())
      if (monotonic_clock().now() >= end_) return false;
    return monotonic_clock().now() < end_;
  }

  std::optional<std::string> go_on() {
    line_.late_sent_stamp();
    if (!line_.all_sent())
      if (auto broken = line_.go_on()) return broken->detail;
    const Received got = line_.receive(buffer_, ClockTie::now());
    if (got.end) answer.end_of_file();
    answer.feed(got.bytes, body);
    return got.broken ? std::optional(got.broken->detail) : std::nullopt;
  }

  Poller poller_{Reading::epoll};         // one answer is not worth a ring
  Line line_;
  std::string request_;
  Instant end_;
  std::vector<char> buffer_;
};

Result<HttpReply> call(const Address& address, const RequestText& request, Seconds limit) {
  const Instant end = monotonic_clock().now() + std::chrono::duration_cast<Nanos>(limit);
  const auto target = find_target(address);
  if (!target) return fail(target.error());
  const std::string what = fmt::format("{} {}{}", request.method, address.text(), request.path);
  Exchange exchange(*target, to_bytes(request, address), end);
  const auto broken = exchange.run();
  if (broken && monotonic_clock().now() >= end) return fail(Fault::engine, fmt::format("{}: no whole answer within {:g} s", what, limit.count()));
  if (broken) return fail(Fault::engine, fmt::format("{}: {}", what, *broken));
  return HttpReply{exchange.answer.status(), std::move(exchange.body)};
}

}  // namespace

Status wait_for_listener(const Address& address, Seconds limit) {
  constexpr Nanos kPause{50'000'000};
  const Instant end = monotonic_clock().now() + std::chrono::duration_cast<Nanos>(limit);
  const auto target = find_target({false, address.host, address.port, address.base});   // what it then speaks is not asked
  if (!target) return fail(target.error());
  Poller poller(Reading::epoll);
  for (;;) {
    Line line(poller, nullptr, *target);
    auto broken = line.open();
    while (!broken && line.state() == Line::State::connecting && monotonic_clock().now() < end) {
      poller.wait(end);
      broken = line.go_on();
    }
    if (line.state() == Line::State::open) return ok();
    if (monotonic_clock().now() + kPause >= end)
      return fail(Fault::engine, fmt::format("nothing answers at {} within {:g} s ({}); start the server, or correct the url", address.text(), limit.count(), broken ? broken->detail : "no connection"));
    monotonic_clock().sleep_until(monotonic_clock().now() + kPause);
  }
}

Result<HttpReply> http_get(const Address& address, const std::string& path, Seconds limit, const std::string& api_key) {
  return call(address, {.method = "GET", .path = path, .api_key = api_key, .headers = {{"Connection", "close"}}, .json_body = {}}, limit);
}

Result<HttpReply> http_post(const Address& address, const std::string& path, const std::string& json_body, Seconds limit,
                            const std::string& api_key) {
  return call(address, {.method = "POST", .path = path, .api_key = api_key, .headers = {{"Connection", "close"}}, .json_body = json_body}, limit);
}

}  // namespace qc
