#include "report/compose_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "core/text.h"
#include "record/attempt.h"
#include "study/looks.h"

namespace qc {
namespace {

// An attached server on another machine: this machine's CPU and memory say nothing about it.
Device device_of(const StudyData& data) {
  if (served_elsewhere(data) || !data.imported.empty()) return Device::remote;
  return data.run.gpus.empty() ? Device::cpu : Device::gpu;
}

Unit memory_unit_of(const Findings& findings) {
  constexpr double kGib = 1024.0 * 1024 * 1024;
  for (const MemoryRow& row : findings.memory)
    if (row.baseline) return row.weights_bytes.value.value_or(row.file_bytes.value.value_or(0)) < kGib ? Unit::mib : Unit::gib;
  return Unit::mib;
}

}  // namespace

Composer::Composer(const StudyData& d, const Findings& f) : data(d), findings(f), device(device_of(d)), memory_unit(memory_unit_of(f)) {}

std::vector<std::string> Composer::silent() const {
  std::vector<std::string> names;
  if (data.imported.empty() && !data.variants.empty())
    for (const Variant& v : data.study.variants)
      if (!facts(v.name)) names.push_back(v.name);
  return names;
}

std::vector<std::string> Composer::attached() const {
  std::vector<std::string> names;
  for (const VariantFacts& f : data.variants)
    if (f.command.empty()) names.push_back(f.variant);
  return names;
}

std::vector<std::string> Composer::candidates() const {
  std::vector<std::string> names;
  for (const Variant& v : data.study.variants)
    if (!v.baseline) names.push_back(v.name);
  return names;
}

const VariantFacts* Composer::facts(const std::string& variant) const {
  const auto found = std::ranges::find(data.variants, variant, &VariantFacts::variant);
  return found == data.variants.end() ? nullptr : &*found;
}

std::string Composer::missing_because(const std::string& variant, const std::string& workload) const {
  for (auto start = data.starts.rbegin(); start != data.starts.rend(); ++start)
    if (start->variant == variant && !start->last_lines.empty())
      return fmt::format("the server of {} ended: {} ({})", variant, start->ended.empty() ? "it was not ready" : start->ended,
                         one_line(start->last_lines.substr(0, start->last_lines.find('\n')), 160));
  if (!data.imported.empty()) return fmt::format("the imported files say nothing of the model of {}", variant);
  const auto is_own = [&](const TrialRecord& t) { return t.variant == variant && (workload.empty() || t.workload == workload); };
  const auto visits = std::ranges::count_if(data.trials, is_own);
  if (visits > 0 && std::ranges::none_of(data.trials, [&](const TrialRecord& t) { return is_own(t) && t.valid; }))
    return fmt::format("no visit of {} counts, of {} here (section Methodology says why)", variant, visits);
  return workload.empty() ? fmt::format("the store holds nothing of {}", variant) : fmt::format("the store holds no visit of {} to {}", variant, workload);
}

std::string Composer::opening(std::string text) const {
  const bool named = std::ranges::any_of(data.study.variants, [&](const Variant& v) { return text.starts_with(v.name); });
  return named ? text : capitalized(std::move(text));
}

std::string Composer::machine() const {
  if (device == Device::remote) return data.study.hardware.name.value_or(data.imported.empty() ? "a server on another machine" : "hardware that the imported files do not name");
  return data.run.hardware_long.empty() ? "hardware that is not recorded" : data.run.hardware_long;
}

std::string Notes::mark(const std::string& reason) {
  auto found = std::ranges::find(reasons_, reason);
  if (found == reasons_.end()) found = reasons_.insert(reasons_.end(), reason);
  return fmt::format("({})", found - reasons_.begin() + 1);
}

std::string Notes::na(const std::string& reason) { return "n/a " + mark(reason.empty() ? "the store holds no value" : reason); }

void Notes::foot(std::vector<Block>& blocks) const {
  if (reasons_.empty()) return;
  std::string text = "Notes:";
  for (std::size_t i = 0; i < reasons_.size(); ++i) text += fmt::format("{} ({}) {}", i ? ";" : "", i + 1, one_line(reasons_[i], 240));
  blocks.push_back(Paragraph{sentence(text)});
}

Table table(std::string caption, std::initializer_list<std::string> heads) {
  Table t;
  t.caption = std::move(caption);
  for (const std::string& head : heads) add_head(t, head);
  return t;
}

void add_head(Table& t, const std::string& head) {
  const bool numeric = head.starts_with('#');
  t.header.push_back(numeric ? head.substr(1) : head);
  t.numeric.push_back(numeric);
}

Paragraph finding(std::string text) { return {std::move(text), true}; }

std::string cell(Composer& c, Notes& notes, const FigureName& name, Unit unit, const Measured& value) {
  const std::string number = c.log.number(name, unit, value);
  return value ? number : notes.na(value.na);
}

std::string cell_with_interval(Composer& c, Notes& notes, const FigureName& name, Unit unit, const Measured& value) {
  std::string text = cell(c, notes, name, unit, value);
  if (!value) return text;
  const std::string interval = c.log.interval(name, unit, value);
  if (!interval.empty()) return text + " " + interval + (value.widened ? " " + notes.mark("the blocks' own interval lies to one side of the figure of all requests together: it is widened to hold it") : "");
  const std::string why = value.interval_na.empty() ? "the sample does not allow one" : value.interval_na;
  return text + " " + notes.mark(why.find("interval") == std::string::npos ? "no interval: " + why : why);
}

std::string blocks_run(Composer& c) {
  const int planned = c.data.study.blocks, run = blocks_run(c.data);
  const std::string shown = c.log.number({"study", "all", "blocks_run"}, Unit::count, run);
  if (is_adaptive(c.data.study)) return blocks_of_points(c);
  return run == planned ? counted(planned, "block") : fmt::format("{} of {} planned {}", shown, planned, planned == 1 ? "block" : "blocks");
}

std::string capitalized(std::string text) {
  const std::size_t first = text.starts_with("**") ? 2 : 0;
  if (text.size() > first && text[first] >= 'a' && text[first] <= 'z') text[first] = static_cast<char>(text[first] - 'a' + 'A');
  return text;
}

std::string no_file_because(const VariantFacts& f) {
  return random_weights(f) ? "there is no weight file: the weights are random" : "the weight files are not on this machine";
}

std::string no_hash_because(const VariantFacts& f) {
  if (f.command.empty()) return f.url.empty() ? "the weight files are not on this machine" : "the server was not started by us, so the files that it loaded are not known";
  return f.file_bytes ? "files over 1 GiB and split ones are not hashed" : no_file_because(f);
}

std::string counted(long long n, std::string_view noun, std::string_view plural) {
  if (n == 1) return fmt::format("1 {}", noun);
  return plural.empty() ? fmt::format("{} {}s", n, noun) : fmt::format("{} {}", n, plural);
}

std::string concurrencies(const std::vector<int>& values) {
  std::vector<std::string> words;
  words.reserve(values.size());
  for (int v : values) words.push_back(std::to_string(v));
  return "concurrency " + join_and(words);
}

std::string row_of(int concurrency) { return fmt::format("conc={}", concurrency); }
std::string row_of(const std::string& workload, int concurrency) { return fmt::format("{} conc={}", workload, concurrency); }

std::string model_name(const StudyData& data, const Variant& variant) {
  if (variant.local) return std::filesystem::path(variant.model).filename().string();
  const auto told = std::ranges::find(data.variants, variant.name, &VariantFacts::variant);
  const auto setting = [&](std::string_view name) {
    if (told == data.variants.end()) return std::string();
    const auto at = std::ranges::find(told->settings, name, &std::pair<std::string, std::string>::first);
    return at == told->settings.end() ? std::string() : at->second;
  };
  const std::string served = setting("served as");
  if (variant.model.empty()) return served.empty() ? variant.name : served;
  return served.empty() || served == variant.model || setting("loaded from") == variant.model ? variant.model : fmt::format("{}, served as {}", variant.model, served);
}

std::string one_line(std::string_view text, std::size_t longest) {
  std::string line;
  for (char ch : text) {
    const char plain_char = ch == '\n' || ch == '\r' || ch == '\t' ? ' ' : ch == '`' ? '\'' : ch;
    if (plain_char == ' ' && (line.empty() || line.back() == ' ')) continue;
    if (plain_char == '*' && !line.empty() && line.back() == '*') { line.pop_back(); continue; }
    line += plain_char;
  }
  if (line.size() <= longest) return line;
  const std::string_view start = whole_characters(line, longest);
  const auto last_space = start.rfind(' ');   // no half words, unless there is nothing else
  return std::string(last_space != std::string_view::npos && last_space * 2 > start.size() ? start.substr(0, last_space) : start) + " ...";
}

std::string sentence(std::string text) {
  if (text.ends_with(" ...")) return text;   // cut off, and said to be
  while (!text.empty() && (text.back() == ' ' || text.back() == '.')) text.pop_back();
  const bool ends = !text.empty() && (text.back() == '!' || text.back() == '?');
  return ends || text.empty() ? text : text + ".";
}

int planned_id(const TrialRecord& trial) { return planned_trial_id(trial.id); }

std::string setting(double value) { return fmt::format("{:g}", value); }

}  // namespace qc
