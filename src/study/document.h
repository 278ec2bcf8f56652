#pragma once
// The file as TOML, with --set and --only worked into it.
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "study/problems.h"
#include "study/toml.h"

namespace qc {

struct TomlDocument {
  toml::table root;
  std::map<const toml::node*, std::string> set_by;  ///< nodes that a --set put there

  [[nodiscard]] KeyPlace place_of(const toml::node& node) const;
};

/// Fails as usage with `NAME:LINE: parse error: ...`. Safe on hostile bytes: size and depth are bounded before the parser sees them.
Result<TomlDocument> parse_document(std::string_view text, const std::string& name);

/// Puts "study.blocks=2" or "variant.awq.model=..." in place. The value is TOML; what is no TOML value is taken as a string.
/// Only the path is checked here: values and unknown keys are found by whoever reads the document, and named by the --set.
void apply_sets(TomlDocument& document, const std::vector<std::string>& sets, Problems& problems);

/// Leaves only the [[variant]] tables of these names.
void keep_variants(TomlDocument& document, const std::vector<std::string>& names);

/// The document as TOML text; comments are gone.
std::string to_text(const TomlDocument& document);

/// The string under `key`, empty where there is none.
std::string text_at(const toml::table& table, std::string_view key);

/// The tables that hold keys, and those of them that come in lists.
const std::vector<std::string>& table_names();
bool is_list_table(std::string_view name);

}  // namespace qc
