#include "gguf/gauge.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string_view>

#include "core/random.h"

namespace qc {
namespace {

/// What a block's tensor does with the gains. A gain is named by the tensor that takes it on: one factor for each of its rows,
/// or of its elements where it is a norm. "attn_v" at attn_output is spread over the query heads that share a value head.
struct Role { std::string_view tensor, column_times, column_over, row_times; bool required; };
constexpr std::array kRoles = {
    Role{"attn_norm.weight", "attn_norm", "", "", true},
    Role{"attn_q.weight", "", "attn_norm", "", true},
    Role{"attn_k.weight", "", "attn_norm", "", true},
    Role{"attn_v.weight", "", "attn_norm", "attn_v", true},
    Role{"attn_output.weight", "", "attn_v", "", true},
    Role{"ffn_norm.weight", "ffn_norm", "", "", true},
    Role{"ffn_gate.weight", "", "ffn_norm", "", true},
    Role{"ffn_up.weight", "", "ffn_norm", "ffn_up", true},
    Role{"ffn_down.weight", "", "ffn_up", "", true},
    Role{"attn_v.bias", "attn_v", "", "", false},
    Role{"ffn_up.bias", "ffn_up", "", "", false},
    Role{"attn_q.bias", "", "", "", false},
    Role{"attn_k.bias", "", "", "", false},
    Role{"attn_output.bias", "", "", "", false},
    Role{"ffn_gate.bias", "", "", "", false},
    Role{"ffn_down.bias", "", "", "", false},
};

constexpr std::int64_t kMostHeads = 1 << 20;  // so that products of sizes from the file can't wrap

struct Place { std::string block, tensor; };  // "blk.3.", "attn_q.weight"; no block: "", whole name

Place place(const std::string& name) {
  if (!name.starts_with("blk.")) return {"", name};
  const auto dot = name.find('.', 4);
  if (dot == std::string::npos) return {"", name};
  return {name.substr(0, dot + 1), name.substr(dot + 1)};
}

const Role* role_of(const Place& where) {
  const auto role = std::ranges::find(kRoles, std::string_view(where.tensor), &Role::tensor);
  return where.block.empty() || role == kRoles.end() ? nullptr : &*role;
}

std::uint64_t dimension(const TensorInfo& t, std::size_t i) { return i < t.shape.size() ? t.shape[i] : 1; }

// Value head h/(heads/kv_heads) feeds query head h, so its gains stand in the columns of each of those heads.
std::vector<float> spread_over_heads(const std::vector<float>& gain, std::uint64_t heads, std::uint64_t kv_heads) {
  const std::uint64_t d = gain.size() / kv_heads, shared = heads / kv_heads;
  std::vector<float> out;
  for (std::uint64_t h = 0; h < heads; ++h) {
    const auto first = gain.begin() + static_cast<std::ptrdiff_t>(h / shared * d);
    out.insert(out.end(), first, first + static_cast<std::ptrdiff_t>(d));
  }
  return out;
}

}  // namespace

double exact_exp2(double u) {
  static const std::array roots = [] {  // 2^(1/2), 2^(1/4), ...: sqrt is correctly rounded by IEEE
    std::array<double, 52> r{};
    for (double x = 2; double& root : r) root = x = std::sqrt(x);
    return r;
  }();
  const double whole = std::floor(u);
  double rest = u - whole, out = 1;
  for (const double root : roots) {
    rest *= 2;
    if (rest < 1) continue;
    rest -= 1;
    out *= root;
  }
  return std::ldexp(out, static_cast<int>(whole));
}

Result<Gauge> Gauge::of(const GgufHeader& header, const RegaugeOptions& options) {
  Gauge gauge(header, options);
  const auto heads = header.number("llama.attention.head_count");
  const auto kv_heads = header.keys.contains("llama.attention.head_count_kv") ? header.number("llama.attention.head_count_kv") : heads;
  if (!heads || !kv_heads || *kv_heads < 1 || *heads < 1 || *heads > kMostHeads || *heads % *kv_heads != 0)
    return fail(Fault::usage, "llama.attention.head_count and head_count_kv are not one number each, the first a multiple of the second: this model can't be re-gauged");
  gauge.heads_ = static_cast<std::uint64_t>(*heads);
  gauge.kv_heads_ = static_cast<std::uint64_t>(*kv_heads);

  std::set<std::string> blocks;
  for (const TensorInfo& t : header.tensors) {
    const Place where = place(t.name);
    if (where.block.empty()) continue;
    if (!role_of(where)) return fail(Fault::usage, fmt::format("tensor {} is none that re-gauging knows: only dense llama blocks can be re-gauged", t.name));
    blocks.insert(where.block);
  }
  for (const std::string& block : blocks)
    if (auto fits = gauge.check_block(block); !fits) return fail(fits.error());
  return gauge;
}

// Each pair of dimensions that a gain ties together must agree, or factors() would read past a gain's end.
Status Gauge::check_block(const std::string& block) const {
  for (const Role& role : kRoles)
    if (role.required && !find(block + std::string(role.tensor))) return fail(Fault::damaged, fmt::format("tensor {}{} is missing", block, role.tensor));
  for (const Role& role : kRoles) {
    const TensorInfo* t = find(block + std::string(role.tensor));
    if (!t) continue;
    const std::string_view by_column = role.column_times.empty() ? role.column_over : role.column_times;
    if (by_column.empty()) continue;
    const TensorInfo& owner = *find(block + std::string(by_column) + ".weight");
    std::uint64_t columns = dimension(owner, owner.shape.size() < 2 ? 0 : 1);
    if (role.tensor == "attn_output.weight") {
      if (columns % kv_heads_ != 0) return fail(Fault::damaged, fmt::format("tensor {}: {} rows are no whole heads", owner.name, columns));
      columns = columns / kv_heads_ * heads_;
    }
    if (t->shape.size() > 2 || dimension(*t, 0) != columns)
      return fail(Fault::damaged, fmt::format("tensor {} has {} columns, {} expects {}", t->name, dimension(*t, 0), owner.name, columns));
  }
  return ok();
}

const TensorInfo* Gauge::find(const std::string& name) const {
  const auto it = std::ranges::find(header_->tensors, name, &TensorInfo::name);
  return it == header_->tensors.end() ? nullptr : &*it;
}

std::vector<float> Gauge::gain(const std::string& block, const std::string& name) const {
  const TensorInfo& owner = *find(block + name + ".weight");
  Random random(derive_seed(options_.seed, block + name));
  std::vector<float> out(dimension(owner, owner.shape.size() < 2 ? 0 : 1));
  for (float& g : out) g = static_cast<float>(exact_exp2((2 * random.uniform() - 1) * options_.span));
  return out;
}

Factors Gauge::factors(const TensorInfo& tensor) const {
  const Place where = place(tensor.name);
  const Role* role = role_of(where);
  if (!role) return {};
  const auto named = [&](std::string_view name) { return name.empty() ? std::vector<float>() : gain(where.block, std::string(name)); };
  Factors out{named(role->column_times), named(role->column_over), named(role->row_times)};
  if (role->tensor == "attn_output.weight") out.column_over = spread_over_heads(out.column_over, heads_, kv_heads_);
  return out;
}

}  // namespace qc
