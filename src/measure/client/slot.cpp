#include "measure/client/slot.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "measure/client/request_text.h"

namespace qc {
namespace {
using namespace std::chrono_literals;

constexpr Nanos kIdleLimit = 2s;          // METRICS.md: one idle for over 2 s is not used again
constexpr Nanos kConnectLimit = 5s;
constexpr Nanos kAfterDone = 250ms;       // what the end of the body may take after [DONE]

Instant now() { return monotonic_clock().now(); }

Nanos nanos(Seconds s) { return std::chrono::duration_cast<Nanos>(s); }

RequestRecord record_of(const Outgoing& who, Instant intended) {
  RequestRecord record;
  record.request_id = who.request_id;
  record.x_request_id = who.x_request_id;
  record.prompt_sha256 = who.prompt_sha256;
  record.warmup = who.warmup;
  record.intended = intended;
  return record;
}

std::string sent_id(const Outgoing& who, int sending) {
  return sending == 1 ? who.x_request_id : fmt::format("{}-{}", who.x_request_id, sending);
}

}  // namespace

Attempt::Attempt(const Job& of, Instant intended, bool keep_text)
    : index(of.index), record(record_of(*of.who, intended)), reply(of.who->ask.max_tokens, of.who->ask.ignore_eos, keep_text) {}

Slot::Slot(asio::io_context& io, const Target& target, const ClientOptions& options, Dispatcher& loop)
    : target_(target), options_(options), loop_(loop), wire_(io, target) {}

asio::awaitable<void> Slot::run() {
  first_connect_ = co_await connect();
  Instant free_at = co_await loop_.start_together();
  while (const Job* job = loop_.take()) free_at = co_await carry(*job, free_at);
  wire_.close();
}

asio::awaitable<std::optional<Broken>> Slot::connect() {
  answers_ = 0;
  connecting_ = true;
  next_byte_by_ = now() + std::min(kConnectLimit, nanos(options_.byte_timeout));
  auto broken = co_await wire_.open();
  connecting_ = false;
  next_byte_by_.reset();
  if (broken) wire_.close();
  co_return broken && gave_up_ ? gave_up_ : broken;
}

bool Slot::may_reuse() {
  if (wire_.fit_for_reuse(now(), kIdleLimit)) return true;
  if (wire_.is_open() && answers_ > 0) loop_.note_dropped_connection();
  return false;
}

asio::awaitable<Instant> Slot::carry(const Job& job, Instant intended) {
  for (int sending = 1;; ++sending) {
    auto attempt = std::make_unique<Attempt>(job, intended, options_.keep_text);
    attempt->record.x_request_id = sent_id(*job.who, sending);
    gave_up_.reset();
    whole_by_ = now() + nanos(options_.byte_timeout * 10);
    loop_.about_to_send();
    auto broken = co_await exchange(job, sending, *attempt);
    if (!attempt->was_sent) loop_.on_its_way();
    next_byte_by_.reset();
    whole_by_.reset();
    const bool ended_unanswered = (broken || attempt->peer_ended) && !attempt->reply.begun();
    if (sending == 1 && ended_unanswered && attempt->on_used_connection && !gave_up_) {
      loop_.count_reconnect();
      loop_.note_dropped_connection();
      wire_.close();
      continue;
    }
    close_books(*attempt, std::move(broken));
    const Instant done = *attempt->record.done;
    loop_.finished(std::move(attempt));
    co_return done;
  }
}

asio::awaitable<std::optional<Broken>> Slot::exchange(const Job& job, int sending, Attempt& attempt) {
  if (auto failed = std::exchange(first_connect_, std::nullopt)) co_return failed;
  if (!may_reuse())
    if (auto broken = co_await connect()) co_return broken;
  attempt.on_used_connection = answers_ > 0;
  if (sending > 1) attempt.record.intended = now();
  next_byte_by_ = now() + nanos(options_.byte_timeout);
  if (auto broken = co_await wire_.send(request_text(job, sending), attempt.record.sent)) co_return broken;
  attempt.was_sent = true;
  loop_.on_its_way();
  attempt.last_byte = attempt.record.sent;
  co_return co_await receive_answer(attempt);
}

asio::awaitable<std::optional<Broken>> Slot::receive_answer(Attempt& attempt) {
  for (;;) {
    next_byte_by_ = now() + (attempt.reply.said_done() ? kAfterDone : nanos(options_.byte_timeout));
    Received got = co_await wire_.receive();
    // On loopback an answer can be stamped while our send is still returning.
    got.arrival.at = std::max(got.arrival.at, attempt.last_byte);
    if (got.bytes.empty() && got.broken) co_return got.broken;
    if (got.bytes.empty()) {
      attempt.peer_ended = true;
      attempt.reply.on_end_of_file();
      co_return std::nullopt;
    }
    attempt.last_byte = got.arrival.at;
    if (!attempt.reply.on_bytes(got.bytes, got.arrival)) co_return std::nullopt;
    if (got.broken) co_return got.broken;
  }
}

void Slot::close_books(Attempt& attempt, std::optional<Broken> broken) {
  RequestRecord& record = attempt.record;
  if (gave_up_) broken = gave_up_;
  if (!broken && attempt.peer_ended && !attempt.reply.begun()) broken = Broken{Failure::reset, "the server closed the connection without an answer"};
  record.done = broken ? now() : attempt.last_byte;
  if (!attempt.was_sent) record.sent = *record.done;
  if (broken && !attempt.reply.said_done()) {
    record.failure = broken->kind;
    record.failure_detail = broken->detail;
  }
  if (broken || !attempt.reply.reusable() || loop_.drops_connections()) wire_.close();
  ++answers_;
}

std::string Slot::request_text(const Job& job, int sending) const {
  const std::string id = sent_id(*job.who, sending);
  const std::string_view path = request_path(job.who->ask.endpoint);
  return to_bytes({.method = "POST", .path = path, .api_key = options_.api_key,
                   .headers = {{"Accept", "text/event-stream"}, {"X-Request-Id", id}}, .json_body = job.body}, target_.address);
}

void Slot::tick(Instant at, bool leave) {
  if (!next_byte_by_ || gave_up_) return;
  const double patience = options_.byte_timeout.count();
  if (leave) return give_up(Failure::cancelled, "stopped by the user");
  if (whole_by_ && at >= *whole_by_) return give_up(Failure::timeout, fmt::format("not done after {:g} s", patience * 10));
  if (at < *next_byte_by_) return;
  if (connecting_)
    return give_up(wire_.shaking_hands() ? Failure::tls : Failure::connect,
                   fmt::format("{}: no connection within {:g} s", target_.address.text(), std::min(seconds(kConnectLimit), patience)));
  give_up(Failure::timeout, fmt::format("no byte for {:g} s", patience));
}

void Slot::give_up(Failure kind, std::string detail) {
  gave_up_ = Broken{kind, std::move(detail)};
  wire_.close();
}

}  // namespace qc
