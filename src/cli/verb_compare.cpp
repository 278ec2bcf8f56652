// `quantcase compare`: the study file that nobody had to write.
#include <fmt/format.h>

#include <utility>

#include "cli/exit_code.h"
#include "cli/read_with_allow.h"
#include "cli/verbs.h"
#include "core/files.h"
#include "core/json.h"
#include "core/text.h"
#include "study/read.h"

namespace qc {
namespace {

std::string variant(const std::string& name, const std::string& url, const std::string& model, bool baseline) {
  return fmt::format("\n[[variant]]\nname = \"{}\"\nurl = {}\n{}{}", name, json_string(url), model.empty() ? "" : "model = " + json_string(model) + "\n", baseline ? "baseline = true\n" : "");
}

/// The operating points of the report's form: chat at 1, 8 and 16 with 128 tokens, batch at 16 and 32 with 256.
std::string study_text(const CompareFlags& flags) {
  const auto model = [&](std::size_t i) { return flags.models.empty() ? std::string() : flags.models[std::min(i, flags.models.size() - 1)]; };
  return "# Written by `quantcase compare`.\n[study]\nname = \"compare\"\ntitle = \"The candidate's server against the baseline's\"\n\n[engine]\nkind = \"openai\"\n" +
         variant("baseline", flags.baseline, model(0), true) + variant("candidate", flags.candidate, model(1), false) +
         "\n[[workload]]\nname = \"chat\"\nprompts = \"chat\"\nconcurrency = [1, 8, 16]\nmax_tokens = 128\np95_budget_ms = 3000\n"
         "\n[[workload]]\nname = \"batch\"\nprompts = \"summarize\"\nconcurrency = [16, 32]\nmax_tokens = 256\np95_budget_ms = 6000\n";
}

/// An error in the study that nobody had to write, in the words of the flags it was made of: `compare:11: variant.baseline.url: ...` is `--baseline: ...`.
Error in_flags(const Error& error) {
  constexpr std::pair<std::string_view, std::string_view> kFlags[] = {{"variant.baseline.url", "--baseline"}, {"variant.candidate.url", "--candidate"}};
  std::vector<std::string> lines;
  for (const std::string& line : split(error.message, '\n')) {
    lines.push_back(line);
    for (const auto& [key, flag] : kFlags)
      if (const auto at = line.find(fmt::format(": {}:", key)); line.starts_with("compare:") && at != std::string::npos) lines.back() = std::string(flag) + line.substr(at + 2 + key.size());
  }
  return {error.fault, fmt::format("{}", fmt::join(lines, "\n"))};
}

}  // namespace

int verb_compare(const CompareFlags& flags, const CommonFlags& common) {
  if (flags.models.size() > 2) return complain({Fault::usage, fmt::format("--model was given {} times: once for both servers, or twice, the baseline's first", flags.models.size())});
  const std::string out = flags.out.empty() ? "out/compare" : flags.out;
  auto study = parse_with_allow(study_text(flags), "compare", flags.set, flags.allow);
  if (!study) return complain(in_flags(study.error()));
  // An interrupted one goes on as any other study does: from the file beside its report.
  const RunFlags run{.study = out + "/study.toml", .out = out, .resume = false, .only = {}, .set = {}, .allow = flags.allow};
  return run_and_report(*study, run, common);
}

}  // namespace qc
