#pragma once
// One request's answer without sockets: wire bytes with their arrival in, a RequestRecord's facts out.
#include <string>
#include <vector>

#include "measure/client/capture.h"
#include "measure/client/response.h"

namespace qc {

class Reply {
 public:
  Reply(int max_tokens, bool ignore_eos, bool keep_text) : body_(max_tokens, ignore_eos, keep_text) {}
  /// Returns false once nothing more should be read for this request.
  bool on_bytes(std::string_view bytes, const Arrival& arrival);
  /// So much of the stream is unread that read_on() should be called in the next calm moment.
  [[nodiscard]] bool wants_reading() const { return is_stream() && body_.wants_reading(); }
  /// Reads the events that have come. Returns false as on_bytes() does.
  bool read_on();
  /// The server closed the connection.
  void on_end_of_file();

  [[nodiscard]] bool begun() const { return http_.begun(); }
  /// [DONE] came: only the end of the body is missing, and it is not worth much waiting.
  [[nodiscard]] bool said_done() const { return body_.done(); }
  /// [DONE] has come in a body that only the end of the connection will end: nothing is left to wait for.
  [[nodiscard]] bool needs_no_end() const { return said_done() && http_.ends_with_connection(); }
  /// The connection may carry another request.
  [[nodiscard]] bool reusable() const { return http_.reusable() && !stopped_; }
  /// Read lags of the reads that completed an event under the kernel's clock. Complete after finish().
  [[nodiscard]] const std::vector<Nanos>& lags() const { return body_.lags(); }

  /// Reads the JSON and fills the record's failure, usage, events and text. Call once, after the last byte.
  void finish(RequestRecord& record);
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  [[nodiscard]] bool is_stream() const { return http_.status() >= 200 && http_.status() < 300; }
  bool on_body(std::size_t size, const Arrival& arrival);
  void judge_framing(RequestRecord& record);
  ResponseParser http_;
  Capture body_;
  std::string error_body_;
  std::vector<std::string> warnings_;
  bool stopped_ = false;     ///< we do not want the rest of the answer
};

}  // namespace qc
