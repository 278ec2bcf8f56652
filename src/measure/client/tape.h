#pragma once
// Keeps a stream's events as they came, so that their JSON is read after the request and costs other requests no time.
#include <string>
#include <vector>

#include "measure/client/openai.h"

namespace qc {

/// When bytes reached this machine, by which clock, and how much later we read them (only known under the kernel's clock).
struct Arrival {
  Instant at;
  Stamp stamp = Stamp::user;
  Nanos lag{0};
};

class Tape {
 public:
  Tape(int max_tokens, bool ignore_eos, bool keep_text);
  /// Returns false once the rest of the stream should not be waited for, exactly where StreamReader would, except that a
  /// runaway may be noticed four events later. Costs a scan of the bytes: JSON is read only where that looks suspicious.
  bool add(std::string_view data, const Arrival& arrival);
  /// True after [DONE].
  [[nodiscard]] bool done() const { return done_; }
  /// Reads what has not been read yet and returns the reader.
  const StreamReader& play();

 private:
  struct Mark { std::size_t begin, size; Arrival arrival; };
  bool read_on();
  int calm_events_;
  StreamReader reader_;
  std::string bytes_;
  std::vector<Mark> marks_;
  int events_ = 0;
  std::size_t read_ = 0;
  bool done_ = false, going_ = true;
};

}  // namespace qc
