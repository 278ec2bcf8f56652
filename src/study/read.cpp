#include "study/read.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/files.h"
#include "core/text.h"
#include "study/check.h"
#include "study/document.h"
#include "study/hidden.h"
#include "study/key_table.h"
#include "study/keys.h"
#include "study/model_path.h"
#include "study/words.h"

namespace qc {
namespace {

/// Turns the document's tables into the Study's fields, noting every key's place and every value that will not do.
class Reader {
 public:
  Reader(const TomlDocument& document, Sources& sources, Problems& problems) : document_(document), sources_(sources), problems_(problems) {}

  Study read() {
    Study study;
    refuse_unknown_tables();
    table("study", study, study_table_keys());
    table("hardware", study.hardware, hardware_keys());
    table("engine", study.engine, engine_keys());
    list("variant", study.variants, variant_keys(), sources_.variants);
    list("workload", study.workloads, workload_keys(), sources_.workloads);
    table("quality", study.quality, quality_keys());
    table("estimate", study, estimate_keys());
    return study;
  }

 private:
  void refuse_unknown_tables() {
    for (const auto& [name, node] : document_.root) {
      if (std::ranges::find(table_names(), name.str()) != table_names().end()) continue;
      const bool table = node.is_table() || node.is_array_of_tables();
      const auto meant = table ? nearest(name.str(), table_names()) : meant_elsewhere(name.str());
      problems_.add({document_.place_of(node), printable(name.str()), table ? "an unknown table" : "an unknown key outside of any table",
                     fmt::format("the tables {}", fmt::join(table_names(), ", ")), meant});
    }
  }

  template <class Target>
  void table(const std::string& name, Target& target, const std::vector<Key<Target>>& keys) {
    const toml::node* node = document_.root.get(name);
    if (!node) return;
    if (const toml::table* found = node->as_table()) return fields(*found, name, target, keys);
    sources_.note(name, document_.place_of(*node), false);
    problems_.add({document_.place_of(*node), name, describe(*node), fmt::format("one table, headed [{}]", name), {}});
  }

  template <class Target>
  void list(const std::string& name, std::vector<Target>& targets, const std::vector<Key<Target>>& keys, std::vector<std::string>& paths) {
    const toml::node* node = document_.root.get(name);
    if (!node) return;
    const toml::array* entries = node->as_array();
    sources_.note(name, document_.place_of(*node), false);
    const bool tables = entries && !entries->empty() && std::ranges::all_of(*entries, [](const toml::node& each) { return each.is_table(); });
    if (!tables) return problems_.add({document_.place_of(*node), name, describe(*node), fmt::format("a table for each {0}, headed [[{0}]]", name), {}});
    for (const toml::node& entry : *entries) {
      paths.push_back(path_of(name, *entry.as_table(), paths));
      fields(*entry.as_table(), paths.back(), targets.emplace_back(), keys);
    }
  }

  /// By its name where that can stand in a path and is the first of its kind, else by its place in the file.
  static std::string path_of(const std::string& list, const toml::table& entry, const std::vector<std::string>& before) {
    const std::string name = text_at(entry, "name");
    const std::string path = list + "." + name;
    const bool plain = !name.empty() && name.size() <= 64 && slug(name) == name && std::ranges::find(before, path) == before.end();
    return plain ? path : fmt::format("{}[{}]", list, before.size() + 1);
  }

  template <class Target>
  void fields(const toml::table& table, const std::string& path, Target& target, const std::vector<Key<Target>>& keys) {
    sources_.note(path, document_.place_of(table), true);
    for (const auto& [name, node] : table) {
      const auto known = std::ranges::find(keys, name.str(), &Key<Target>::name);
      if (known == keys.end()) {
        unknown_key(path, std::string(name.str()), node, keys);
        continue;
      }
      const KeyOutcome outcome = known->set(target, node);
      const std::string key_path = path + "." + known->name;
      sources_.note(key_path, document_.place_of(node), outcome.ok);
      if (!outcome.ok) problems_.add({document_.place_of(node), key_path, outcome.found.value_or(describe(node)), known->accepted, outcome.nearest});
    }
  }

  template <class Target>
  void unknown_key(const std::string& path, const std::string& name, const toml::node& node, const std::vector<Key<Target>>& keys) {
    std::vector<std::string> names;
    names.reserve(keys.size());
    for (const Key<Target>& each : keys) names.push_back(each.name);
    auto meant = nearest(name, names);
    if (!meant) meant = meant_elsewhere(name);
    problems_.add({document_.place_of(node), path + "." + printable(name), "an unknown key", fmt::format("{}", fmt::join(names, ", ")), meant});
  }

  /// A key that stands in the wrong table: "study.blocks".
  static std::optional<std::string> meant_elsewhere(std::string_view name) {
    for (const KeyDoc& key : study_keys())
      if (key.path.substr(key.path.find('.') + 1) == name) return key.path;
    return std::nullopt;
  }

  /// A key as it may be printed: bare where TOML lets it be bare.
  static std::string printable(std::string_view name) { return !name.empty() && slug(name) == name && name.size() <= 64 ? std::string(name) : in_quotes(name); }

  const TomlDocument& document_;
  Sources& sources_;
  Problems& problems_;
};

/// The names to keep: those asked for and the baseline.
std::vector<std::string> kept_names(const Study& study, const std::vector<std::string>& only, Problems& problems) {
  std::vector<std::string> all, kept;
  for (const Variant& each : study.variants) {
    all.push_back(each.name);
    if (each.baseline || std::ranges::find(only, each.name) != only.end()) kept.push_back(each.name);
  }
  for (const std::string& name : only)
    if (std::ranges::find(all, name) == all.end())
      problems.add({{1, {}}, "--only", in_quotes(name), fmt::format("variants of this study: {}", join_and(all)), nearest(name, all)});
  return kept;
}

void keep_only(Study& study, TomlDocument& document, const std::vector<std::string>& only, Problems& problems) {
  if (only.empty()) return;
  const std::vector<std::string> kept = kept_names(study, only, problems);
  if (kept.size() < 2 && study.variants.size() > 1 && problems.empty())
    problems.add({{1, {}}, "--only", "nothing but the baseline", "at least one candidate", {}});
  std::erase_if(study.variants, [&](const Variant& each) { return std::ranges::find(kept, each.name) == kept.end(); });
  keep_variants(document, kept);
}

/// What holds where the file says nothing, and what other units rely on: the baseline first, paths expanded.
void complete(Study& study) {
  if (study.title.empty()) study.title = study.name;
  std::stable_partition(study.variants.begin(), study.variants.end(), [](const Variant& each) { return each.baseline; });
  for (Variant& each : study.variants) each.local = is_local_path(each.model);
  study.keys = keys_as_run(with_secrets_hidden(study));
  for (Variant& each : study.variants)
    if (each.local && runs_here(study.engine, each)) each.model = expand_path(each.model);
  for (Workload& each : study.workloads)
    if (is_prompt_file(each.prompts)) each.prompts = expand_path(each.prompts);
}

}  // namespace

Result<Study> parse_study(std::string_view text, const std::string& name, const ReadOptions& options) {
  Result<TomlDocument> document = parse_document(text, name);
  if (!document) return fail(document.error());
  Problems problems(name);
  Sources sources;
  apply_sets(*document, options.set, problems);
  Study study = Reader(*document, sources, problems).read();
  check_study(study, sources, options.files_must_exist ? ModelFiles::must_exist : ModelFiles::may_be_missing, problems);
  keep_only(study, *document, options.only, problems);
  if (!problems.empty()) return fail(Fault::usage, problems.text());
  complete(study);
  study.file = name;
  study.places = std::move(sources.keys);
  const bool hidden = hide_secrets(*document);
  study.text = hidden || !options.set.empty() || !options.only.empty() ? to_text(*document) : std::string(text);
  return study;
}

Result<Study> read_study(const std::string& path, const ReadOptions& options) {
  Result<std::string> text = read_file(path);
  if (!text) return fail(text.error());
  return parse_study(*text, path, options);
}

}  // namespace qc
