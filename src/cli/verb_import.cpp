// `quantcase import`: measurements that one already has, as a stored study and its report.
#include <algorithm>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "cli/exit_code.h"
#include "cli/progress.h"
#include "cli/reporting.h"
#include "cli/verbs.h"
#include "core/files.h"
#include "core/json.h"
#include "core/secrets.h"
#include "core/text.h"
#include "core/version.h"
#include "exchange/read/assemble.h"
#include "exchange/read/names.h"
#include "study/read.h"

namespace qc {
namespace {

namespace fs = std::filesystem;

constexpr const char* kWorkload = "load";   // where neither the file nor its name calls it anything

fs::path store_in(const std::string& dir) { return fs::path(dir) / "study.sqlite"; }

/// The imported study that lies in the folder already; empty where none does.
Result<std::optional<StudyData>> before_in(const std::string& dir) {
  if (!fs::exists(store_in(dir))) return std::optional<StudyData>();
  auto store = Store::open(store_in(dir));
  if (!store) return fail(store.error());
  auto data = load_stored(*store);
  if (!data) return fail(data.error());
  if (data->imported.empty())
    return fail(Fault::usage, fmt::format("{}: a study lies there that was measured, and what was measured elsewhere is not mixed with it; import into a folder of its own", dir));
  return std::optional(std::move(*data));
}

Result<ColumnMap> map_of(const ImportFlags& flags) {
  if (flags.map.empty()) return ColumnMap{};
  const auto text = read_file(flags.map);
  return text ? parse_map(*text, flags.map) : Result<ColumnMap>(fail(text.error()));
}

/// A variant by --as, else by the file, else by its name; a model's id where nothing else tells one.
Status name_runs(std::vector<ReadRun>& runs, const NamedFile& by_name, const ImportFlags& flags) {
  std::set<std::string> told;
  for (const ReadRun& run : runs) told.insert(run.variant);
  if (!flags.as.empty() && told.size() > 1)
    return fail(Fault::usage, fmt::format("{}: it holds several variants ({}), so --as {} can't name them", runs.front().file, fmt::join(told, ", "), flags.as));
  for (ReadRun& run : runs) {
    for (const std::string& name : {flags.as, run.variant, by_name.variant, run.model})
      if (!name.empty()) {
        run.variant = study_name(name);
        break;
      }
    if (!flags.workload.empty()) run.workload = flags.workload;
    else if (run.workload.empty()) run.workload = by_name.workload.empty() ? kWorkload : by_name.workload;
    run.workload = study_name(run.workload);
  }
  return ok();
}

/// Where all files call their variant the same ("model", "dtype") and their names differ, the names tell them apart.
void drop_words_of_all(std::vector<std::vector<ReadRun>>& files, const std::vector<NamedFile>& names) {
  std::set<std::string> told, named;
  for (const auto& runs : files)
    for (const ReadRun& run : runs) told.insert(run.variant);
  for (const NamedFile& each : names) named.insert(each.variant);
  if (told.size() != 1 || named.size() < 2 || named.contains("")) return;
  for (auto& runs : files)
    for (ReadRun& run : runs) run.variant.clear();
}

Result<std::vector<ReadRun>> read_files(const ImportFlags& flags) {
  const auto map = map_of(flags);
  if (!map) return fail(map.error());
  std::vector<std::vector<ReadRun>> files;
  for (const std::string& file : flags.files) {
    auto runs = read_runs(flags.from, file, *map);
    if (!runs) return fail(runs.error());
    files.push_back(std::move(*runs));
  }
  const auto names = names_of_files(flags.files);
  drop_words_of_all(files, names);
  std::vector<ReadRun> all;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (auto s = name_runs(files[i], names[i], flags); !s) return fail(s.error());
    std::ranges::move(files[i], std::back_inserter(all));
  }
  return all;
}

RunInfo run_info(const std::vector<ReadRun>& runs, const std::optional<StudyData>& before, const CommonFlags& common) {
  RunInfo run;
  const Version version = program_version();
  run.program_version = version.number, run.git_id = version.git_id, run.build_type = version.build_type, run.compiler = version.compiler;
  run.command = without_secrets(common.command_line);
  if (before) run.ended_utc = before->run.ended_utc, run.command = before->run.command + "\n" + run.command;
  for (const ReadRun& r : runs) run.ended_utc = std::max(run.ended_utc, r.utc);
  return run;
}

std::vector<StudyEvent> events_of(const ImportFlags& flags, const ImportedStudy& made, const std::optional<StudyData>& before) {
  std::vector<StudyEvent> events;
  if (before) events = before->events;
  events.push_back({utc_now(), "note", fmt::format("imported as {}: {}", flags.from, fmt::join(flags.files, ", "))});
  for (const std::string& line : made.left_out) events.push_back({utc_now(), "note", "left out: " + line});
  return events;
}

Status fill(Store& store, const ImportedStudy& made, const RunInfo& run, const std::vector<StudyEvent>& events) {
  if (auto s = store.put_plan(made.plan); !s) return s;
  if (auto s = store.put_run(run); !s) return s;
  for (const VariantFacts& f : made.facts)
    if (auto s = store.put_facts(f); !s) return s;
  for (const AssembledTrial& t : made.trials)
    if (auto s = store.put_trial(t.trial, t.requests, {}); !s) return s;
  for (const StudyEvent& e : events)
    if (auto s = store.put_event(e); !s) return s;
  return store.put_imported(made.imported);
}

/// Whole beside the old one, which it then replaces: a study is there or not, never half.
Status write_store(const std::string& dir, const Study& study, const ImportedStudy& made, const RunInfo& run, const std::vector<StudyEvent>& events) {
  const fs::path fresh = fs::path(dir) / "study.sqlite.new";
  std::error_code error;
  for (const char* end : {"", "-wal", "-shm"}) fs::remove(fresh.string() + end, error);
  {
    auto store = Store::create(fresh, study);
    if (!store) return fail(store.error());
    if (auto s = fill(*store, made, run, events); !s) return s;
  }
  fs::rename(fresh, store_in(dir), error);
  return error ? Status(fail(Fault::usage, fmt::format("{}: cannot be written: {}", store_in(dir).string(), error.message()))) : ok();
}

/// By whose definitions the figures are: each note once, after the tool it is about.
std::string notes_text(const ImportedStudy& made) {
  std::string text;
  std::set<std::string> said;
  for (const ImportedRun& run : made.imported)
    for (const std::string& note : run.notes)
      if (said.insert(run.tool + note).second) text += fmt::format("note: {}: {}\n", run.tool, note);
  for (const std::string& line : made.left_out) text += "left out: " + line + "\n";
  return text;
}

int tell(const ImportFlags& flags, const CommonFlags& common, const ImportedStudy& made, const Reported& reported) {
  const Study& study = reported.data.study;
  if (common.json)
    return print_json(json_line(Json{{"report", flags.dir + "/report.md"}, {"runs", made.trials.size()}, {"baseline", study.baseline().name}, {"left_out", made.left_out}}), common);
  if (common.quiet) return kDone;
  put_text(stdout, fmt::format("{}\n{}Report: {}/report.html and {}/report.md\n", short_verdict(reported), notes_text(made), flags.dir, flags.dir));
  if (study.variants.size() < 2)
    put_text(stdout, fmt::format("There is one variant so far, {}: add the other with quantcase import {} --from FORMAT FILE... --as NAME\n", study.baseline().name, flags.dir));
  return kDone;
}

}  // namespace

int verb_import(const ImportFlags& flags, const CommonFlags& common) {
  auto before = before_in(flags.dir);
  if (!before) return complain(before.error());
  auto read = read_files(flags);
  if (!read) return complain(read.error());
  const RunInfo run = run_info(*read, *before, common);
  std::vector<ReadRun> runs = *before ? runs_of(**before) : std::vector<ReadRun>{};
  std::erase_if(runs, [&](const ReadRun& old) { return std::ranges::find(flags.files, old.file) != flags.files.end(); });   // imported again: the file as it is now
  std::ranges::move(*read, std::back_inserter(runs));
  const std::string name = fs::path(flags.dir).lexically_normal().filename().string();
  const ImportSpec spec{*before ? (*before)->study.name : study_name(name.empty() || name == "." ? "imported" : name), flags.baseline, *before ? &(*before)->study : nullptr};
  const auto made = assemble(std::move(runs), spec);
  if (!made) return complain(made.error());
  const auto study = parse_study(made->text, "what the files hold", {.set = flags.set, .only = {}, .files_must_exist = false});
  if (!study) return complain(study.error());
  if (auto s = write_store(flags.dir, *study, *made, run, events_of(flags, *made, *before)); !s) return complain(s.error());
  auto store = Store::open(store_in(flags.dir));
  if (!store) return complain(store.error());
  const auto reported = judge_and_write(*store, flags.dir, true, true);
  if (!reported) return complain(reported.error());
  return tell(flags, common, *made, *reported);
}

}  // namespace qc
