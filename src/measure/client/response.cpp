#include "measure/client/response.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace qc {
namespace {
namespace http = boost::beast::http;
using boost::beast::error_code;
using boost::beast::string_view;

/// Beast's framing with our own sink: body bytes are appended where the caller wants them as they come, never held back for a whole message.
class Framing : public http::basic_parser<false> {
 public:
  Framing() {
    eager(true);
    body_limit(boost::none);
  }
  int status = 0;
  bool has_header = false, chunk_seen = false;
  std::string content_type, coding;       // of the content: empty or "identity" is plain
  std::string* body = nullptr;

 private:
  void on_request_impl(http::verb, string_view, string_view, int, error_code&) override {}
  void on_response_impl(int code, string_view, int, error_code&) override { status = code; }
  void on_field_impl(http::field name, string_view, string_view value, error_code&) override {
    if (name == http::field::content_type) content_type.assign(value.data(), value.size());
    if (name == http::field::content_encoding) coding.assign(value.data(), value.size());
  }
  void on_header_impl(error_code&) override { has_header = true; }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view bytes, error_code&) override { return keep(bytes); }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override { chunk_seen = true; }
  std::size_t on_chunk_body_impl(std::uint64_t, string_view bytes, error_code&) override { return keep(bytes); }
  void on_finish_impl(error_code&) override {}
  std::size_t keep(string_view bytes) {
    body->append(bytes.data(), bytes.size());
    return bytes.size();
  }
};

bool is_interim(int status) { return status >= 100 && status < 200; }

}  // namespace

struct ResponseParser::Impl {
  std::unique_ptr<Framing> framing = std::make_unique<Framing>();
  std::string held;       // wire bytes that the framing could not use yet: half a header line or chunk size
  std::string error;
  bool begun = false, surplus = false;

  std::size_t parse(std::string_view bytes, std::string& body);
  [[nodiscard]] bool between_chunks() const;
};

namespace {

/// Takes chunks that lie whole in the bytes, as those of a token each nearly always do; the last one (size 0) and anything odd is Beast's.
/// How many of the bytes were used.
std::size_t take_whole_chunks(std::string_view bytes, std::string& body) {
  constexpr std::size_t kMostDigits = 7;
  std::size_t used = 0;
  for (;;) {
    const std::string_view rest = bytes.substr(used);
    std::size_t size = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + std::min(rest.size(), kMostDigits), size, 16);
    const auto digits = static_cast<std::size_t>(end - rest.data());
    const bool whole = error == std::errc() && size > 0 && rest.size() >= digits + 2 + size + 2 && rest.substr(digits, 2) == "\r\n" && rest.substr(digits + 2 + size, 2) == "\r\n";
    if (!whole) return used;
    body += rest.substr(digits + 2, size);
    used += digits + 2 + size + 2;
  }
}

}  // namespace

/// The head is over and no chunk is begun. Beast leaves the line end after a chunk until the next one's size is there.
bool ResponseParser::Impl::between_chunks() const {
  return framing->has_header && framing->chunked() && !framing->is_done() && (held == "\r\n" || (held.empty() && !framing->chunk_seen));
}

ResponseParser::ResponseParser() : impl_(std::make_unique<Impl>()) {}
ResponseParser::ResponseParser(ResponseParser&&) noexcept = default;
ResponseParser::~ResponseParser() = default;

/// How many of the bytes were used.
std::size_t ResponseParser::Impl::parse(std::string_view bytes, std::string& body) {
  constexpr std::string_view kEmptyBody = "0\r\n\r\n", kItsFirstLine = "0\r\n";
  std::size_t used = 0;
  while (used < bytes.size() && !framing->is_done()) {
    // Beast asserts that it never sees a part of an empty body twice.
    const std::string_view rest = bytes.substr(used);
    if (framing->has_header && framing->chunked() && !framing->chunk_seen && rest.size() < kEmptyBody.size() && rest.starts_with(kItsFirstLine)) break;
    framing->body = &body;
    error_code ec;
    const std::size_t n = framing->put(boost::asio::buffer(rest.data(), rest.size()), ec);
    used += n;
    // Compressed events come in the compressor's own time, so their instants would mean nothing.
    if (framing->has_header && !framing->coding.empty() && framing->coding != "identity") {
      error = fmt::format("the answer is compressed (Content-Encoding: {}), though plain text was asked for: switch compression off at the server or the proxy before it", framing->coding);
      break;
    }
    if (ec == http::error::need_more) break;
    if (ec) {
      error = fmt::format("HTTP framing: {}", ec.message());
      break;
    }
    if (framing->is_done() && is_interim(framing->status)) framing = std::make_unique<Framing>();  // 100 Continue: the answer follows
  }
  surplus = framing->is_done() && used < bytes.size();
  return used;
}

void ResponseParser::feed(std::string_view bytes, std::string& body) {
  if (!impl_->error.empty() || complete()) {
    impl_->surplus = impl_->surplus || !bytes.empty();
    return;
  }
  impl_->begun = impl_->begun || !bytes.empty();
  if (impl_->between_chunks()) bytes.remove_prefix(take_whole_chunks(bytes, body));
  if (bytes.empty()) return;
  if (impl_->held.empty()) {
    impl_->held = bytes.substr(impl_->parse(bytes, body));
    return;
  }
  impl_->held += bytes;
  impl_->held.erase(0, impl_->parse(impl_->held, body));
}

void ResponseParser::end_of_file() {
  if (complete() || !impl_->error.empty()) return;
  error_code ec;
  const bool begun = impl_->framing->got_some();
  if (begun) impl_->framing->put_eof(ec);
  if (!begun || ec) impl_->error = "the connection ended before the answer did";
}

bool ResponseParser::begun() const { return impl_->begun; }
bool ResponseParser::header_done() const { return impl_->framing->has_header; }
bool ResponseParser::complete() const { return impl_->framing->is_done(); }
bool ResponseParser::reusable() const { return complete() && impl_->framing->keep_alive() && !impl_->framing->need_eof() && !impl_->surplus; }
bool ResponseParser::ends_with_connection() const { return header_done() && !complete() && impl_->framing->need_eof(); }
int ResponseParser::status() const { return impl_->framing->status; }
const std::string& ResponseParser::content_type() const { return impl_->framing->content_type; }
const std::string& ResponseParser::error() const { return impl_->error; }

}  // namespace qc
