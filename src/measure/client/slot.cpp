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
    : index(of.index), record(record_of(of.who, intended)), reply(of.who.ask.max_tokens, of.who.ask.ignore_eos, keep_text) {}

Slot::Slot(Poller& poller, const Target& target, const ClientOptions& options, Dispatcher& loop)
    : target_(target), options_(options), loop_(loop), line_(poller, this, target) {}

void Slot::open() { connect(); }

void Slot::connect() {
  answers_ = 0;
  next_byte_by_ = now() + std::min(kConnectLimit, nanos(options_.byte_timeout));
  after_connecting(line_.open());
}

void Slot::after_connecting(std::optional<Broken> broken) {
  if (!broken && line_.state() != Line::State::open) return;
  next_byte_by_.reset();
  if (broken) line_.close();
  if (broken && gave_up_) broken = gave_up_;
  if (attempt_) return broken ? conclude(std::move(broken)) : transmit();
  first_connect_ = std::move(broken);
  loop_.opened();
}

bool Slot::may_reuse() {
  if (line_.state() != Line::State::open) return false;
  if (line_.quiet()) return now() - line_.last_used() <= kIdleLimit;
  drop();
  return false;
}

void Slot::carry(Job job, Instant intended) {
  job_ = std::move(job);
  sending_ = 1;
  begin(intended);
}

void Slot::begin(Instant intended) {
  attempt_ = std::make_unique<Attempt>(job_, intended, options_.keep_text || job_.who.keep_text);
  attempt_->record.x_request_id = sent_id(job_.who, sending_);
  gave_up_.reset();
  whole_by_ = now() + nanos(options_.byte_timeout * 10);
  loop_.about_to_send();
  if (first_connect_) return conclude(std::exchange(first_connect_, std::nullopt));
  may_reuse() ? transmit() : connect();
}

void Slot::transmit() {
  attempt_->on_used_connection = answers_ > 0;
  if (sending_ > 1) attempt_->record.intended = now();
  next_byte_by_ = now() + nanos(options_.byte_timeout);
  after_sending(line_.send(request_text()));
}

void Slot::after_sending(std::optional<Broken> broken) {
  if (broken) return conclude(std::move(broken));
  if (!line_.all_sent()) return;
  attempt_->was_sent = true;
  attempt_->record.sent = attempt_->last_byte = line_.sent();
  loop_.on_its_way();
}

void Slot::on_ready(const Ready& ready, std::span<char> buffer, const ClockTie& tie, Instant read) {
  if (ready.delivery) return take(*ready.delivery, tie, read);
  if (line_.state() == Line::State::closed) return;
  if (line_.state() != Line::State::open) return after_connecting(line_.go_on());
  if (ready.failed) look_for_late_stamp();
  if (ready.writable && attempt_ && !attempt_->was_sent) after_sending(line_.go_on());
  if (!ready.readable) return;
  attempt_ ? receive(line_.receive(buffer, tie)) : receive_unasked();
}

void Slot::take(const Delivery& delivery, const ClockTie& tie, Instant read) {
  if (!line_.expects(delivery)) return;
  if (!attempt_) return drop();
  if (!line_.sent_is_stamped()) look_for_late_stamp();
  receive(line_.take(delivery, tie, read));
}

/// The kernel may stamp a send after the call that made it: it counts until the answer begins.
void Slot::look_for_late_stamp() {
  const auto at = line_.late_sent_stamp();
  if (at && attempt_ && attempt_->was_sent && !attempt_->reply.begun()) attempt_->record.sent = attempt_->last_byte = *at;
}

void Slot::receive(const Received& got) {
  if (got.bytes.empty() && !got.end && !got.broken) return;
  if (!attempt_->was_sent) {   // an answer to half a question
    attempt_->was_sent = true;
    attempt_->record.sent = attempt_->last_byte = now();
    loop_.on_its_way();
  }
  if (got.end) {
    attempt_->peer_ended = true;
    if (attempt_->last_read.ns > 0) attempt_->waited = std::max(Nanos{0}, now() - attempt_->last_read);
    attempt_->reply.on_end_of_file();
    return conclude(std::nullopt);
  }
  if (got.bytes.empty()) return conclude(got.broken);
  Arrival arrival = got.arrival;
  arrival.at = std::max(arrival.at, attempt_->last_byte);   // on the loopback an answer can be stamped while our send is still returning
  attempt_->last_byte = arrival.at, attempt_->last_read = arrival.at + arrival.lag;
  const bool going = attempt_->reply.on_bytes(got.bytes, arrival);
  if (!going || attempt_->reply.needs_no_end()) return conclude(std::nullopt);
  if (got.broken) return conclude(got.broken);
  if (attempt_->reply.wants_reading()) loop_.has_unread(*this);
  next_byte_by_ = arrival.at + arrival.lag + (attempt_->reply.said_done() ? kAfterDone : nanos(options_.byte_timeout));
}

void Slot::read_on() {
  if (attempt_ && !attempt_->reply.read_on()) conclude(std::nullopt);
}

/// Between two requests only an end can come, and what TLS says for itself.
void Slot::receive_unasked() {
  if (!line_.quiet()) drop();
}

void Slot::drop() {
  if (answers_ > 0) loop_.note_dropped_connection();
  line_.close();
}

void Slot::conclude(std::optional<Broken> broken) {
  if (!attempt_->was_sent) loop_.on_its_way();
  next_byte_by_.reset();
  whole_by_.reset();
  const bool ended_unanswered = (broken || attempt_->peer_ended) && !attempt_->reply.begun();
  if (sending_ == 1 && ended_unanswered && attempt_->on_used_connection && !gave_up_) {
    loop_.count_reconnect();
    loop_.note_dropped_connection();
    line_.close();
    sending_ = 2;
    return begin(attempt_->record.intended);
  }
  close_books(std::move(broken));
  loop_.finished(*this, std::exchange(attempt_, nullptr));
}

void Slot::close_books(std::optional<Broken> broken) {
  Attempt& attempt = *attempt_;
  RequestRecord& record = attempt.record;
  if (gave_up_) broken = gave_up_;
  if (!broken && attempt.peer_ended && !attempt.reply.begun()) broken = Broken{Failure::reset, "the server closed the connection without an answer"};
  record.done = broken ? now() : attempt.last_byte + attempt.waited;
  if (!attempt.was_sent) record.sent = *record.done;
  if (broken && !attempt.reply.said_done()) {
    record.failure = broken->kind;
    record.failure_detail = broken->detail;
  }
  if (broken || attempt.peer_ended || !line_.all_sent() || !attempt.reply.reusable() || loop_.drops_connections()) line_.close();
  ++answers_;
}

std::string Slot::request_text() const {
  const std::string id = sent_id(job_.who, sending_);
  const std::string_view path = request_path(job_.who.ask.endpoint);
  return to_bytes({.method = "POST", .path = path, .api_key = options_.api_key,
                   .headers = {{"Accept", "text/event-stream"}, {"X-Request-Id", id}}, .json_body = job_.body}, target_.address);
}

void Slot::tick(Instant at, bool leave) {
  if (!next_byte_by_ || gave_up_) return;
  const double patience = options_.byte_timeout.count();
  const bool connecting = line_.state() == Line::State::connecting || line_.state() == Line::State::shaking_hands;
  if (leave) return give_up(Failure::cancelled, "stopped by the user");
  if (whole_by_ && at >= *whole_by_) return give_up(Failure::timeout, fmt::format("{} {:g} s", kNotDone, patience * 10));
  if (at < *next_byte_by_) return;
  if (connecting)
    return give_up(line_.state() == Line::State::shaking_hands ? Failure::tls : Failure::connect,
                   fmt::format("{}: no connection within {:g} s", target_.address.text(), std::min(seconds(kConnectLimit), patience)));
  give_up(Failure::timeout, fmt::format("no byte for {:g} s", patience));
}

void Slot::give_up(Failure kind, std::string detail) {
  gave_up_ = Broken{kind, std::move(detail)};
  line_.close();
  attempt_ ? conclude(gave_up_) : after_connecting(gave_up_);
}

}  // namespace qc
