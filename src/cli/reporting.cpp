#include "cli/reporting.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/report.h"
#include "study/read.h"

namespace qc {
namespace {

/// What is not the study's own says so where it is printed. A note on the study's price is none on another.
void note_changes(Hardware& hardware, const std::vector<std::string>& set) {
  const auto sets = [&](std::string_view key) { return std::ranges::any_of(set, [&](const std::string& s) { return s.starts_with(key); }); };
  if (sets("hardware.price_note")) return;
  if (sets("hardware.hourly_usd")) hardware.price_note.clear();
  hardware.price_note += fmt::format("{}set for this report: --set {}", hardware.price_note.empty() ? "" : "; ", fmt::join(set, " --set "));
}

}  // namespace

Result<StudyData> load_stored(Store& store, const std::vector<std::string>& set) {
  auto text = store.study_text();
  if (!text) return fail(text.error());
  auto name = store.study_name_in_file();
  if (!name) return fail(name.error());
  ReadOptions options;
  options.files_must_exist = false, options.set = set;
  auto study = parse_study(*text, *name, options);
  if (!study && !set.empty()) return fail(study.error());
  if (!study) return fail(Fault::damaged, "the stored study does not read back: " + study.error().message);
  if (!set.empty()) note_changes(study->hardware, set);
  study->text = *text;   // as run, which --resume goes on with, whatever this report reckons with
  auto data = store.load(*study);
  if (data) data->report_set = set;
  return data;
}

Result<Reported> judge_and_write(Store& store, const std::string& dir, bool markdown, bool html, const std::vector<std::string>& set) {
  auto data = load_stored(store, set);
  if (!data) return fail(data.error());
  Reported reported{judge(*data), std::move(*data)};
  auto written = write_report(dir, reported.data, reported.findings, markdown, html);
  if (!written) return fail(written.error());
  if (auto s = store.put_figures(written->figures); !s) return fail(s.error());
  return reported;
}

std::string short_verdict(const Reported& reported) {
  std::string out;
  for (const auto& r : reported.findings.recommendations)
    out += fmt::format("  {:<12} {:<12} {:<11} {}\n", r.workload, r.variant, to_string(r.stance), r.because);
  return out;
}

}  // namespace qc
