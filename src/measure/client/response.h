#pragma once
// One HTTP/1.1 answer without sockets: wire bytes in, status and body bytes out (chunked, with a length, or until the end of file).
#include <memory>
#include <string>
#include <string_view>

namespace qc {

class ResponseParser {
 public:
  ResponseParser();
  ResponseParser(ResponseParser&&) noexcept;
  ~ResponseParser();
  /// Appends the body bytes that these wire bytes brought to `body`. Nothing after complete() or a broken answer.
  void feed(std::string_view bytes, std::string& body);
  /// The connection ended: completes a body without length, breaks any other unfinished answer.
  void end_of_file();

  [[nodiscard]] bool begun() const;            ///< at least one byte came
  [[nodiscard]] bool header_done() const;      ///< status() and content_type() are known
  [[nodiscard]] bool complete() const;         ///< the whole answer came
  [[nodiscard]] bool reusable() const;         ///< complete, and the connection may carry another request
  [[nodiscard]] bool ends_with_connection() const;   ///< neither a length nor chunks: only the end of the connection ends it
  [[nodiscard]] int status() const;
  [[nodiscard]] const std::string& content_type() const;
  [[nodiscard]] const std::string& error() const;   ///< why framing or length are broken; empty: they are not

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace qc
