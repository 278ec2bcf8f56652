#include <cstdio>

#include <fmt/format.h>

#include "cli/exit_code.h"
#include "cli/progress.h"
#include "cli/verbs.h"
#include "core/files.h"

namespace qc {

int complain(const Error& error) {
  std::fflush(stdout);   // where both go into one file, what was said before stands before
  put_text(stderr, fmt::format("quantcase: {}\n", error.message));
  if (error.fault == Fault::defect) put_text(stderr, "This is a defect of quantcase. Please report it with the command you typed and the study file.\n");
  return exit_code(error.fault);
}

int print_json(const std::string& text, const CommonFlags& common) {
  if (common.json_file.empty() || common.json_file == "-") {
    return put_text(stdout, text + "\n") ? kDone : complain({Fault::usage, "--json: standard output can't be written"});
  }
  if (auto written = write_file(common.json_file, text + "\n"); !written) return complain(written.error());
  return kDone;
}

}  // namespace qc
