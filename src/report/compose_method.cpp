// Section 8: how it was measured, and how to do it again.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/text.h"
#include "report/compose_imported.h"
#include "report/compose_sections.h"
#include "core/secrets.h"
#include "study/looks.h"

namespace qc {
namespace {

std::string command_of(const Composer& c, const std::string& variant) {
  if (const VariantFacts* f = c.facts(variant); f && !f->command.empty()) return f->command;
  for (auto start = c.data.starts.rbegin(); start != c.data.starts.rend(); ++start)
    if (start->variant == variant && !start->command.empty()) return start->command;
  return {};
}

void add_commands(Composer& c, std::vector<Block>& blocks) {
  blocks.push_back(Heading{"Commands"});
  if (!c.data.run.command.empty()) blocks.push_back(Code{without_secrets(c.data.run.command)});
  for (const Variant& v : c.data.study.variants) {
    const std::string command = command_of(c, v.name);
    const VariantFacts* f = c.facts(v.name);
    if (!command.empty()) {
      blocks.push_back(Paragraph{fmt::format("Server of {}:", v.name)});
      blocks.push_back(Code{without_secrets(command)});
    } else if (f && !f->url.empty()) {
      blocks.push_back(Paragraph{fmt::format("Server of {}: attached to `{}`; how it was started is n/a, because an attached server does not tell it.", v.name, f->url)});
    } else {
      blocks.push_back(Paragraph{fmt::format("Server of {}: n/a, because no start of it that got ready is stored; logs/ has the whole output of each start.", v.name)});
    }
  }
}

std::string order_words(const Study& s) {
  std::vector<std::string> names;
  for (const Variant& v : s.variants) names.push_back(v.name);
  if (names.size() < 2) return {};
  return fmt::format("In blocks 1, 3 ... the order is {} ... {}, in blocks 2, 4 ... the reverse, so that a machine that slowly changes does so for all of them.", names.front(),
                     names.back());
}

std::string aa_words(const Study& s) {
  switch (s.aa) {
    case AaControl::none: return "No A/A control was asked for (study.aa), so nothing here shows the noise floor.";
    case AaControl::all: return "A/A control: every operating point is visited by the baseline twice, and the second visit is judged as if it were a candidate.";
    case AaControl::middle: break;
  }
  return "A/A control: at the middle operating point of each workload (of two the lower) the baseline is visited twice a block, and the second visit is judged as if it were a candidate.";
}

/// Cached and all prompt tokens of a visit by the usage in its answers, where every answer tells them.
std::optional<std::pair<std::int64_t, std::int64_t>> told_in_answers(const Composer& c, int trial) {
  std::pair<std::int64_t, std::int64_t> sum{0, 0};
  bool any = false;
  for (const RequestRecord& r : c.data.requests) {
    if (r.trial_id != trial || r.warmup || !r.ok()) continue;
    if (!r.cached_tokens || !r.prompt_tokens) return std::nullopt;
    any = true, sum.first += *r.cached_tokens, sum.second += *r.prompt_tokens;
  }
  return any ? std::optional(sum) : std::nullopt;
}

/// What the servers' own counters say of their prompt caches. Only where every visit has them is it proved.
std::string cache_words(Composer& c) {
  std::int64_t cached = 0, all = 0;
  std::size_t told = 0, visits = 0;
  for (const TrialRecord& t : c.data.trials) {
    if (!t.valid) continue;
    ++visits;
    const auto counted = t.prompt_tokens_cached && t.prompt_tokens_processed ? std::optional(std::pair(*t.prompt_tokens_cached, *t.prompt_tokens_processed)) : told_in_answers(c, t.id);
    if (!counted) continue;
    ++told, cached += counted->first, all += counted->second;
  }
  if (told == 0) return "The prompt cache was to be off; whether it was can't be proved, because the servers tell no counters of it.";
  const std::string share = fmt::format("by the servers' own counters {} of {} prompt tokens came from a cache", c.log.number({"study", "all", "prompt_tokens_cached"}, Unit::count, static_cast<double>(cached)),
                                        c.log.number({"study", "all", "prompt_tokens_processed"}, Unit::count, static_cast<double>(all)));
  return told == visits ? fmt::format("The prompt cache is off, and that is proved: {}.", share)
                        : fmt::format("The prompt cache was to be off: {}, in the {} of {} visits where they tell it.", share, c.log.number({"study", "all", "visits_with_cache_counters"}, Unit::count, static_cast<double>(told)),
                                      c.log.number({"study", "all", "visits_valid"}, Unit::count, static_cast<double>(visits)));
}

void add_schedule(Composer& c, std::vector<Block>& blocks) {
  const Study& s = c.data.study;
  blocks.push_back(Heading{"Schedule"});
  List list;
  list.items.push_back(fmt::format("{}; seed {}; each block visits every operating point once with each model.", blocks_run(c), s.seed));
  if (const std::string order = order_words(s); !order.empty()) list.items.push_back(order);
  list.items.push_back(aa_words(s));
  list.items.push_back("The same requests in the same order for every model; warm-up requests are not counted.");
  list.items.push_back(cache_words(c));
  std::set<int> visits;
  for (const TrialRecord& t : c.data.trials) visits.insert(planned_id(t));
  const auto stored = c.log.text({"study", "all", "trials_stored"}, Unit::count, static_cast<double>(visits.size()));
  const auto planned = c.log.text({"study", "all", "trials_planned"}, Unit::count, c.data.planned_trials);
  const bool shortened = !is_adaptive(s) && std::ranges::any_of(c.data.events, [](const StudyEvent& e) { return e.kind == "shortened"; });
  list.items.push_back(fmt::format("Stored visits: {} of {} planned{}.", stored, planned, shortened ? " for the blocks that were run" : ""));
  blocks.push_back(std::move(list));
}

constexpr std::ptrdiff_t kAfterVerdicts = 7;   // behind the definitions of Delta% and of withheld

void add_definitions(Composer& c, std::vector<Block>& blocks) {
  const Study& s = c.data.study;
  blocks.push_back(Heading{"Definitions"});
  List list{{
      "**tok/s**: output tokens that arrived in the steady window (all slots busy; the whole visit where it has fewer requests than twice the slots), over its length; a cell is the mean of its valid visits.",
      "**TTFT**: the first text received minus the last byte sent. **TPOT**: (last - first token) / (output tokens - 1). **p50, p95** without a name: from the last byte sent to the last text received.",
      "**p95 budget**: met where the p95 is within it and no more than 5 % of the requests fail, those of visits that do not count among them but for a single one whose repeat had none: a failed request is within no budget.",
      "**Goodput**: requests a second that were answered within the workload's budget; the share within it is of all requests of visits that count, failed ones among them.",
      "**Percentiles**: exact, pooled over all answered requests of a cell, linear interpolation. The mean of TTFT is pooled likewise.",
      "**A cell's own interval**: Student's t over its blocks, since requests of one block share its luck (of a single block: from the order statistics of its requests). A block's percentile is taken by the median-unbiased estimator, Hyndman and Fan's type 8, since the linear one lies low in blocks of few requests; for a p95 that takes 13 requests a block and 59 in all. Widened where needed to hold the printed value, which the table then notes.",
      fmt::format("**Delta%**: candidate / baseline - 1, 95 % interval paired over the blocks, each with its own figure as above; called faster or slower when it excludes zero and is at least {} %, "
                  "otherwise not distinguishable, with the smallest difference this run could have seen.", setting(s.min_effect * 100)),
      "**Withheld**: where the baseline's A/A differs from itself in throughput, this machine drifted, and the workload gets no verdicts; where it differs in another figure (p50, p95, mean or p95 of the first token), none on that figure.",
      fmt::format("**Quality**: grades by content; beside an answer, partly right means that its rule finds some of what it looks for and not all; lost, gained and the bound count it as right where that is at least half; the bound is Tango's 95 % interval of the paired difference, held against a margin of {} pp that was fixed before the run.",
                  setting(s.quality.margin_pp)),
      "**chrF**: similarity of characters to the baseline's answer, 0 to 100; read it beside its A/A value only.",
      "**Saving**: 1 - candidate / baseline of $/1M output tokens.",
      "**Tags**: every figure of this report is MEASURED, here and in this study, and none is transferred from other hardware; a share of a card's memory bandwidth is of what its data sheet says.",
  }};
  const auto certainty = certainty_words(c);
  list.items.insert(list.items.begin() + kAfterVerdicts, certainty.begin(), certainty.end());
  blocks.push_back(std::move(list));
}

std::string versions_finding(const Composer& c) {
  std::set<std::string> servers;
  std::size_t hashed = 0, silent = 0;
  const bool some = !c.silent().empty();
  for (const VariantFacts& f : c.data.variants) silent += f.server_version.empty() || f.server_version.find("unknown") != std::string::npos;
  for (const VariantFacts& f : c.data.variants) servers.insert(f.server + " " + f.server_version), hashed += !f.file_sha256.empty();
  const std::string same = silent ? "Not every server tells which version it is, so that it was one for all models rests on the commands below." :
                           servers.size() <= 1 ? std::string(some ? "The models that answered were all served by one version of the server." : "One version of the server answered for all models.") : fmt::format("**{} versions of servers answered**, which is a difference of its own.", servers.size());
  return same + (hashed == c.data.variants.size() && !some ? " The hashes say which weights were compared, whatever the files are called." : " Where weights have no hash, their id or path is all that names them.");
}

void add_versions(Composer& c, std::vector<Block>& blocks) {
  const RunInfo& run = c.data.run;
  const auto or_na = [](const std::string& text) { return text.empty() ? std::string("n/a: not recorded") : one_line(text, 200); };
  Table t = table("Versions and hashes", {"What", "Value"});
  t.rows.push_back({"quantcase", or_na(run.program_version + (run.git_id.empty() ? "" : ", git " + run.git_id))});
  t.rows.push_back({"Build", or_na(run.build_type + (run.compiler.empty() ? "" : ", " + run.compiler))});
  for (const VariantFacts& f : c.data.variants) {
    t.rows.push_back({"Server of " + f.variant, or_na(f.server + (f.server_version.empty() ? "" : " " + f.server_version))});
    t.rows.push_back({"Weights of " + f.variant + " (SHA-256)", f.file_sha256.empty() ? "n/a: " + no_hash_because(f) : "`" + f.file_sha256 + "`"});
  }
  blocks.push_back(Heading{"Versions"});
  blocks.push_back(std::move(t));
  blocks.push_back(finding(versions_finding(c)));
}

void add_rerun(const Composer& c, std::vector<Block>& blocks) {
  blocks.push_back(Heading{"How to run it again"});
  blocks.push_back(Paragraph{"The study as run lies beside this report as `study.toml`. With DIR for this report's folder, and from the folder where the study was started (its paths are relative to that one): "
                             "the first command measures again, the second makes this report again from the store alone."});
  const std::string& command = c.data.run.command;
  const std::string program = command.find(" run ") == std::string::npos ? "quantcase" : command.substr(0, command.find(' '));
  std::vector<std::string> set;
  for (const std::string& each : c.data.report_set) set.insert(set.end(), {"--set", each});
  const std::string flags = set.empty() ? "" : " " + shell_quoted(set);
  blocks.push_back(Code{fmt::format("{0} run DIR/study.toml --out DIR-again{1}\n{0} report DIR{1}", program, flags)});
}

}  // namespace

Section compose_methodology(Composer& c) {
  if (is_imported(c)) return compose_imported_methodology(c);
  Section section{"methodology", "Methodology and reproducibility", {}};
  auto& blocks = section.blocks;
  add_commands(c, blocks);
  add_schedule(c, blocks);
  add_turns(c, blocks);
  add_definitions(c, blocks);
  add_own_error(c, blocks);
  add_what_happened(c, blocks);
  add_files(c, blocks);
  add_versions(c, blocks);
  add_rerun(c, blocks);
  return section;
}

}  // namespace qc
