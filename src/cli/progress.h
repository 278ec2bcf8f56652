#pragma once
// What a person sees while a study runs, on stderr: finished steps as lines, and on a terminal a bar with ETA below them.
#include <cstdio>
#include <string>

#include "core/time.h"

namespace qc {

/// Writes what can be written: a closed terminal or a full disk behind a pipe must not end a study (fmt::print throws).
/// False: nobody took it, and it is forgotten.
bool put_text(std::FILE* to, const std::string& text);

struct ProgressOptions {
  bool quiet = false;
  bool color = true;
  std::string log_file;      ///< every line goes there too; empty: none
};

/// Lines are printed whole; the bar is redrawn at most five times a second and taken away before a line. Without a terminal the bar
/// becomes a plain line every 10 s. Used from one thread.
class Progress {
 public:
  explicit Progress(ProgressOptions options);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  void say(const std::string& line);
  void bar(double fraction, Seconds eta, const std::string& doing);
  void clear();

 private:
  ProgressOptions options_;
  bool terminal_;
  bool drawn_ = false;
  Instant last_;
  std::FILE* log_ = nullptr;
};

/// "12 s", "3 min 20 s", "1 h 05 min".
std::string duration_text(Seconds s);

}  // namespace qc
