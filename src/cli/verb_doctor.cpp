// `quantcase doctor`: what a measurement would rest on here.
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

#include <fmt/format.h>

#include "cli/exit_code.h"
#include "cli/progress.h"
#include "cli/verbs.h"
#include "doctor/tell.h"

namespace qc {
namespace {

/// Where --records asks for a line a request.
class RecordsFile {
 public:
  explicit RecordsFile(const std::string& path) : path_(path), file_(path.empty() ? nullptr : std::fopen(path.c_str(), "w"), &std::fclose) { check(!wanted() || file_); }
  [[nodiscard]] bool wanted() const { return !path_.empty(); }
  void put(const std::string& lines) { check(put_text(file_.get(), lines)); }
  [[nodiscard]] Status written() const { return error_ == 0 ? ok() : Status(fail(Fault::usage, fmt::format("--records {}: cannot be written: {}", path_, std::generic_category().message(error_)))); }

 private:
  void check(bool good) { error_ = good || error_ != 0 ? error_ : errno; }
  std::string path_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
  int error_ = 0;                         ///< errno of the first failure
};

Seconds all_stages() {
  Seconds sum{0};
  for (const StagePlan& each : stage_plans()) sum += each.takes();
  return sum;
}

Result<Diagnosis> examine(RecordsFile& records, const CommonFlags& common) {
  Progress progress({common.quiet, !common.no_color, common.log});
  OwnErrorWatch watch;
  watch.progress = [&](double part, const StagePlan& now) { progress.bar(part, all_stages() * (1 - part), fmt::format("our own error, {} streams", now.streams)); };
  if (records.wanted()) watch.keep = [&](std::size_t stage, const auto& kept, const auto& truth) { records.put(records_beside_truth(stage, kept, truth)); };
  progress.say(fmt::format("Measuring our own error against the built-in server: about {:.0f} s.", all_stages().count()));
  return diagnose(stop_flag(), watch);
}

}  // namespace

int verb_doctor(const DoctorFlags& flags, const CommonFlags& common) {
  RecordsFile records(flags.records);
  if (auto writable = records.written(); !writable) return complain(writable.error());
  install_stop_handlers();
  const auto facts = examine(records, common);
  if (!facts) return complain(facts.error());
  if (auto written = records.written(); !written) return complain(written.error());
  if (facts->error.cut_short) return kInterrupted;
  const auto findings = findings_of(*facts);
  if (common.json)
    if (const int code = print_json(doctor_json(*facts, findings), common); code != kDone) return code;
  const bool stdout_is_json = common.json && (common.json_file.empty() || common.json_file == "-");
  if (!stdout_is_json && !common.quiet) fmt::print("{}", doctor_text(*facts, findings));
  return may_measure(findings) ? kDone : kTrialsFailed;
}

}  // namespace qc
