#pragma once
// Python values as vLLM prints them: "dtype=torch.bfloat16, compilation_config={'mode': 3, ...}". Text in, names and values out.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace qc {

using NamedTexts = std::vector<std::pair<std::string, std::string>>;

/// "a=1, b=[1, 2]" with '=', "'a': 1, 'b': {...}" with ':': split at the commas outside of brackets and quotes. Parts without a name are
/// passed over.
NamedTexts python_pairs(std::string_view text, char separator);

/// The same, with dicts and objects inside opened: "compilation_config.pass_config.fuse_norm_quant". At most 8 deep.
NamedTexts python_leaves(std::string_view text, char separator);

/// True -> "on", False -> "off", None -> "none"; quotes and "torch." are taken off.
std::string plain_value(std::string_view python);

}  // namespace qc
