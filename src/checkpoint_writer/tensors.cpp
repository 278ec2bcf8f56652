#include "checkpoint_writer/tensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "checkpoint_writer/round.h"
#include "gguf/dequantize.h"

namespace qc {
namespace {

using Size = std::uint64_t SourceModel::*;

enum class Use { kept, quantized };

/// One tensor of the model, or of each of its blocks. No rows: a vector.
struct Role { std::string_view gguf, hf; Size rows, columns; Size heads; Use use; };
constexpr Size kNone = nullptr;
constexpr std::array kBlock = {
    Role{"attn_norm", "input_layernorm", kNone, &SourceModel::hidden, kNone, Use::kept},
    Role{"attn_q", "self_attn.q_proj", &SourceModel::query, &SourceModel::hidden, &SourceModel::heads, Use::quantized},
    Role{"attn_k", "self_attn.k_proj", &SourceModel::key_value, &SourceModel::hidden, &SourceModel::kv_heads, Use::quantized},
    Role{"attn_v", "self_attn.v_proj", &SourceModel::key_value, &SourceModel::hidden, kNone, Use::quantized},
    Role{"attn_output", "self_attn.o_proj", &SourceModel::hidden, &SourceModel::query, kNone, Use::quantized},
    Role{"ffn_norm", "post_attention_layernorm", kNone, &SourceModel::hidden, kNone, Use::kept},
    Role{"ffn_gate", "mlp.gate_proj", &SourceModel::middle, &SourceModel::hidden, kNone, Use::quantized},
    Role{"ffn_up", "mlp.up_proj", &SourceModel::middle, &SourceModel::hidden, kNone, Use::quantized},
    Role{"ffn_down", "mlp.down_proj", &SourceModel::hidden, &SourceModel::middle, kNone, Use::quantized},
};
constexpr Role kEmbedding{"token_embd", "model.embed_tokens", &SourceModel::vocabulary, &SourceModel::hidden, kNone, Use::kept};
constexpr Role kLastNorm{"output_norm", "model.norm", kNone, &SourceModel::hidden, kNone, Use::kept};
constexpr Role kHead{"output", "lm_head", &SourceModel::vocabulary, &SourceModel::hidden, kNone, Use::kept};

std::string little_endian(std::uint64_t value) { return {reinterpret_cast<const char*>(&value), sizeof value}; }

/// Takes the GGUF's tensors one by one; what is left over at the end would be lost.
class Planner {
 public:
  Planner(const GgufHeader& header, const SourceModel& model, const CheckpointOptions& options) : model_(model), options_(options) {
    for (const TensorInfo& t : header.tensors) left_.emplace(t.name, &t);
  }

  Result<std::vector<PlannedTensor>> run() {
    add(kEmbedding, "", "");
    for (std::uint64_t i = 0; i < model_.layers && !error_; ++i)
      for (const Role& role : kBlock) add(role, fmt::format("blk.{}.", i), fmt::format("model.layers.{}.", i));
    add(kLastNorm, "", "");
    if (!model_.tied) add(kHead, "", "");
    if (!left_.empty()) refuse(Fault::usage, fmt::format("tensor {} is none of a plain llama model: it can't be carried over", left_.begin()->first));
    if (error_) return fail(*error_);
    std::ranges::stable_sort(out_, std::greater{}, [](const PlannedTensor& t) { return t.dtype.bytes; });
    return std::move(out_);
  }

 private:
  void add(const Role& role, const std::string& gguf_prefix, const std::string& hf_prefix) {
    const TensorInfo* source = take(fmt::format("{}{}.weight", gguf_prefix, role.gguf));
    if (!source || !fits(role, *source)) return;
    const std::string stem = fmt::format("{}{}.", hf_prefix, role.hf);
    PlannedTensor plain{.name = stem + "weight", .source = source, .heads = role.heads ? model_.*role.heads : 0, .encode = append_bf16};
    plain.shape.assign(source->shape.rbegin(), source->shape.rend());
    if (role.use == Use::kept || options_.format == CheckpointFormat::bf16) out_.push_back(std::move(plain));
    else if (options_.format == CheckpointFormat::w8a8_int8) add_int8(stem, plain);
    else add_int4(stem, plain);
  }

  void add_int8(const std::string& stem, const PlannedTensor& plain) {
    out_.push_back(made(plain, stem + "weight", kI8, plain.shape, append_int8));
    out_.push_back(made(plain, stem + "weight_scale", kBf16, {plain.shape[0], 1}, append_int8_scale));
  }

  void add_int4(const std::string& stem, const PlannedTensor& plain) {
    const std::uint64_t rows = plain.shape[0], columns = plain.shape[1], group = options_.group;
    if (group < 8 || group % 8 != 0 || columns % group != 0)
      return refuse(Fault::usage, fmt::format("tensor {} has {} columns: no whole groups of {} (a group is a multiple of 8)", plain.source->name, columns, group));
    out_.push_back(made(plain, stem + "weight_packed", kI32, {rows, columns / 8}, [group](auto row, std::string& out) { append_int4(row, group, out); }));
    out_.push_back(made(plain, stem + "weight_scale", kBf16, {rows, columns / group}, [group](auto row, std::string& out) { append_int4_scales(row, group, out); }));
    out_.push_back({.name = stem + "weight_shape", .dtype = kI64, .shape = {2}, .constant = little_endian(rows) + little_endian(columns)});
  }

  static PlannedTensor made(PlannedTensor tensor, std::string name, Dtype dtype, std::vector<std::uint64_t> shape, EncodeRow encode) {
    tensor.name = std::move(name);
    tensor.dtype = dtype;
    tensor.shape = std::move(shape);
    tensor.encode = std::move(encode);
    return tensor;
  }

  const TensorInfo* take(const std::string& name) {
    const auto node = left_.extract(name);
    if (node.empty()) refuse(Fault::damaged, fmt::format("tensor {} is missing", name));
    return node.empty() ? nullptr : node.mapped();
  }

  bool fits(const Role& role, const TensorInfo& t) {
    std::vector<std::uint64_t> expected = {model_.*role.columns};
    if (role.rows) expected.push_back(model_.*role.rows);
    if (t.shape != expected) refuse(Fault::damaged, fmt::format("tensor {} is {}, the model's keys say {}", t.name, fmt::join(t.shape, " x "), fmt::join(expected, " x ")));
    if (!can_dequantize(t.type)) refuse(Fault::usage, fmt::format("tensor {} is {}: only F32, F16, BF16, Q8_0, Q4_0 and Q4_1 can be read", t.name, t.type.name));
    return !error_;
  }

  void refuse(Fault fault, std::string why) {
    if (!error_) error_ = Error{fault, std::move(why)};
  }

  const SourceModel& model_;
  CheckpointOptions options_;
  std::map<std::string, const TensorInfo*> left_;
  std::vector<PlannedTensor> out_;
  std::optional<Error> error_;
};

}  // namespace

std::uint64_t PlannedTensor::bytes() const {
  std::uint64_t n = dtype.bytes;
  for (const std::uint64_t d : shape) n *= d;
  return n;
}

Result<std::vector<PlannedTensor>> plan_tensors(const GgufHeader& header, const SourceModel& model, const CheckpointOptions& options) {
  return Planner(header, model, options).run();
}

std::uint64_t source_row(std::uint64_t row, std::uint64_t rows, std::uint64_t heads) {
  if (heads == 0) return row;
  const std::uint64_t head = rows / heads, within = row % head, half = head / 2;
  return row - within + 2 * (within % half) + within / half;
}

}  // namespace qc
