#include "study/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "core/files.h"
#include "core/text.h"
#include "study/looks.h"
#include "study/model_path.h"
#include "study/words.h"

namespace qc {
namespace {

constexpr long kMostVisits = 100'000;

/// Sections of v_figure that are no workload's (interface.md): a workload of such a name would mix its figures with theirs.
constexpr std::string_view kSections[] = {"setup", "vram", "quality", "cost", "settings", "study", "turns", "own"};

/// The checks that need the study, its places and the list of problems.
class Check {
 public:
  Check(const Study& study, const Sources& sources, ModelFiles files, Problems& problems)
      : study_(study), sources_(sources), files_(files), problems_(problems) {}

  void all() {
    require("study.name", "a name for its files and its output folder");
    names(study_.variants, sources_.variants);
    names(study_.workloads, sources_.workloads);
    variants();
    taken_names();
    if (study_.workloads.empty()) need_list("workload", "one or more tables [[workload]] with name, prompts and concurrency");
    for (std::size_t i = 0; i < study_.workloads.size(); ++i) workload(study_.workloads[i], sources_.workloads[i]);
    visits();
  }

 private:
  void add(const std::string& path, std::string found, std::string accepted, std::optional<std::string> meant = {}) {
    problems_.add({sources_.place(path), path, std::move(found), std::move(accepted), std::move(meant)});
  }
  void require(const std::string& path, const std::string& accepted) {
    if (!sources_.has(path)) add(path, "nothing", accepted);
  }
  /// What stands there instead of a list was refused when it was read.
  void need_list(const std::string& name, const std::string& accepted) {
    if (!sources_.has(name)) add(name, "none", accepted);
  }

  template <class Named>
  void names(const std::vector<Named>& all, const std::vector<std::string>& paths) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      require(paths[i] + ".name", "a name of its own");
      const auto same = std::ranges::find(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(i), all[i].name, &Named::name);
      if (!all[i].name.empty() && same != all.begin() + static_cast<std::ptrdiff_t>(i))
        add(paths[i] + ".name", in_quotes(all[i].name) + " a second time", "a name of its own");
    }
  }

  void variants() {
    if (study_.variants.empty()) return need_list("variant", "two or more tables [[variant]], one of them with baseline = true");
    std::vector<std::string> baselines;
    bool all_good = true;
    for (std::size_t i = 0; i < study_.variants.size(); ++i) {
      const std::string path = sources_.variants[i] + ".baseline";
      all_good = all_good && sources_.good(path);
      if (study_.variants[i].baseline) baselines.push_back(path);
    }
    for (std::size_t i = 1; i < baselines.size(); ++i)
      add(baselines[i], "a second baseline", fmt::format("one variant with baseline = true; the first is {}", baselines[0].substr(0, baselines[0].rfind('.'))));
    if (baselines.empty() && all_good) add(sources_.variants[0], "no baseline among the variants", "baseline = true in exactly one [[variant]]");
    if (study_.variants.size() == 1 && files_ == ModelFiles::must_exist) add(sources_.variants[0], "one variant alone", "a baseline and at least one candidate: add a [[variant]] to compare it with");
  }

  /// Names by which the report's own figures go.
  void taken_names() {
    for (std::size_t i = 0; i < study_.workloads.size(); ++i)
      if (std::ranges::find(kSections, study_.workloads[i].name) != std::end(kSections))
        add(sources_.workloads[i] + ".name", in_quotes(study_.workloads[i].name) + ", the name of another section of the report",
            fmt::format("a name that is none of {}", fmt::join(kSections, ", ")));
    for (std::size_t i = 0; i < study_.variants.size(); ++i)
      for (const Variant& other : study_.variants)
        if (study_.variants[i].name == other.name + ".aa")
          add(sources_.variants[i] + ".name", in_quotes(study_.variants[i].name) + ", the name of the A/A visits of " + other.name, "a name of its own");
  }

  void workload(const Workload& each, const std::string& path) {
    require(path + ".concurrency", "a list of whole numbers such as [1, 8, 16]");
    prompts(each, path + ".prompts");
    lengths(each, path);
  }

  void prompts(const Workload& each, const std::string& path) {
    if (!sources_.good(path)) return;
    const std::string accepted = "chat, summarize, summarize-short, a JSONL file that is there, or random:N with N from 1 to 32768";
    if (each.prompts.starts_with("random:")) {
      if (!random_prompt_tokens(each.prompts)) add(path, "the string " + in_quotes(each.prompts), accepted);
      return;
    }
    if (!is_prompt_file(each.prompts)) return;
    const bool looks_like_path = each.prompts.find_first_of("/.~$") != std::string::npos;
    std::error_code error;
    if (looks_like_path && files_ == ModelFiles::may_be_missing) return;
    if (std::filesystem::is_regular_file(expand_path(each.prompts), error)) return;
    add(path, looks_like_path ? in_quotes(each.prompts) + ", where no file is" : "the string " + in_quotes(each.prompts), accepted,
        nearest(each.prompts, prompt_set_words()));
  }

  void lengths(const Workload& each, const std::string& path) {
    const auto most = study_.engine.max_model_len;
    if (!most || !sources_.good(path + ".max_tokens") || !sources_.good(path + ".prompts")) return;
    const auto random = random_prompt_tokens(each.prompts);
    const long prompt = random.value_or(builtin_prompt_tokens(each.prompts).shortest);
    if (prompt + each.max_tokens <= *most) return;
    const std::string found = prompt > 1 ? fmt::format("{} tokens after prompts of {}{}: {} together", each.max_tokens, random ? "" : "at least ", prompt, prompt + each.max_tokens)
                                         : fmt::format("{} tokens", each.max_tokens);
    add(path + ".max_tokens", found, fmt::format("prompt and answer within engine.max_model_len = {}", *most));
  }

  /// A plan is a list in memory: its length is bounded before it is made.
  void visits() {
    long points = 0;
    for (const Workload& each : study_.workloads) points += static_cast<long>(each.concurrency.size());
    const long visits = points * static_cast<long>(study_.variants.size()) * most_blocks(study_);
    if (visits > kMostVisits) add("study.blocks", fmt::format("a study of {} visits", visits), fmt::format("at most {}: blocks x variants x operating points", kMostVisits));
  }

  const Study& study_;
  const Sources& sources_;
  ModelFiles files_;
  Problems& problems_;
};

}  // namespace

void check_study(const Study& study, const Sources& sources, ModelFiles files, Problems& problems) {
  Check(study, sources, files, problems).all();
  check_servers(study, sources, files, problems);
}

}  // namespace qc
