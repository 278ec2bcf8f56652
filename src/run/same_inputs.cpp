#include "run/same_inputs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

#include "core/files.h"
#include "core/text.h"

namespace qc {
namespace {

constexpr std::size_t kShownOfAHash = 12;

std::string shown(const std::string& value) { return value.size() == 64 ? value.substr(0, kShownOfAHash) : value; }

}  // namespace

std::map<std::string, std::string> prompt_hashes(const std::map<std::string, PromptSet>& prompts, const std::vector<SpotItem>& spot) {
  std::map<std::string, std::string> hashes;
  for (const auto& [workload, set] : prompts) {
    std::string all;
    for (const Prompt& prompt : set.prompts) all += prompt.sha256 + "\n";
    hashes[workload] = sha256(all);
  }
  std::string items;
  for (const SpotItem& item : spot) items += fmt::format("{} {} {} {}\n", item.suite, item.id, item.max_tokens, sha256(item.prompt));
  if (!spot.empty()) hashes["quality"] = sha256(items);
  return hashes;
}

Status same_prompts(const std::map<std::string, std::string>& then, const std::map<std::string, std::string>& now) {
  std::vector<std::string> changed;
  for (const auto& [of, hash] : now)
    if (const auto at = then.find(of); at != then.end() && at->second != hash) changed.push_back(fmt::format("{} (SHA-256 {} then, {} now)", of, shown(at->second), shown(hash)));
  if (changed.empty()) return ok();
  return fail(Fault::usage, fmt::format("the prompts of {} are other ones than those that this study began with: bring them back, or run it without --resume", join_and(changed)));
}

Status same_server(const VariantFacts& then, const VariantFacts& now) {
  std::vector<std::string> changed;
  const auto hold = [&](std::string_view what, const std::string& before, const std::string& after) {
    const auto told = [](const std::string& value) { return !value.empty() && value != "unknown"; };
    if (told(before) && told(after) && before != after) changed.push_back(fmt::format("{} {} then, {} now", what, shown(before), shown(after)));
  };
  const auto bytes = [](const std::optional<std::int64_t>& count) { return count ? fmt::format("{} bytes", *count) : std::string(); };
  hold("SHA-256 of its file", then.file_sha256, now.file_sha256);
  hold("weight files", bytes(then.file_bytes), bytes(now.file_bytes));
  for (const char* name : {"weight_format", "quantization"}) hold(name, value_of(then.proof, name), value_of(now.proof, name));
  hold("SHA-256 of its chat template", then.template_sha256, now.template_sha256);
  hold("server", then.server, now.server);
  // Where llama-server's build is not told its release still is.
  const auto of_one_release = [](const std::string& a, const std::string& b) { return a.starts_with(b + " (") || b.starts_with(a + " ("); };
  if (!of_one_release(then.server_version, now.server_version)) hold("version", then.server_version, now.server_version);
  if (changed.empty()) return ok();
  return fail(Fault::refused, fmt::format("{} is not what it was when this study began, and one figure must not pool two models: {}. Bring it back and go on with --resume, or run the study anew without it.",
                                          now.variant, fmt::join(changed, "; ")));
}

}  // namespace qc
