#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "cli/exit_code.h"
#include "cli/reporting.h"
#include "cli/verbs.h"
#include "core/json.h"
#include "core/text.h"

namespace qc {

int verb_report(const ReportFlags& flags, const CommonFlags& common) {
  bool markdown = false, html = false;
  for (const auto& form : split(flags.to, ',')) {
    if (form == "md") markdown = true;
    else if (form == "html") html = true;
    else return complain({Fault::usage, fmt::format("--to {}: accepted are md and html, with a comma between", form)});
  }
  for (const auto& s : flags.set)
    if (!s.starts_with("hardware.") || s.starts_with("hardware.name"))
      return complain({Fault::usage, fmt::format("--set {}: a report can change keys of [hardware] only (hourly_usd, price_note, provider, utilization); all else was measured", s)});
  if (std::ranges::any_of(flags.notes, [](const std::string& note) { return trim(note).empty(); })) return complain({Fault::usage, "--note: accepted is a text"});
  auto store = Store::open(std::filesystem::path(flags.dir) / "study.sqlite");
  if (!store) return complain(store.error());
  for (const std::string& note : flags.notes)
    if (auto s = store->put_event({utc_now(), "remark", std::string(trim(note))}); !s) return complain(s.error());
  auto reported = judge_and_write(*store, flags.dir, markdown, html, flags.set);
  if (!reported) return complain(reported.error());
  if (common.json) {
    Json written = Json::object();
    if (markdown) written["report"] = flags.dir + "/report.md";
    if (html) written["html"] = flags.dir + "/report.html";
    written["summary"] = flags.dir + "/summary.json";
    return print_json(json_line(written), common);
  }
  if (!common.quiet) {
    if (markdown) fmt::print("{}/report.md\n", flags.dir);
    if (html) fmt::print("{}/report.html\n", flags.dir);
  }
  return kDone;
}

}  // namespace qc
