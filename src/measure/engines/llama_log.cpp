#include "measure/engines/llama_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <deque>

#include "core/text.h"
#include "measure/engines/log_lines.h"

namespace qc {
namespace {

using View = std::string_view;

template <class Number>
std::optional<Number> number_after(View line, View key) {
  const auto rest = after(line, key);
  if (!rest) return std::nullopt;
  const auto digits = trim(*rest);
  Number value{};
  if (std::from_chars(digits.data(), digits.data() + digits.size(), value).ec != std::errc{}) return std::nullopt;
  return value;
}

std::int64_t bytes_of(double mib) { return std::llround(mib * 1024 * 1024); }

void add(std::optional<std::int64_t>& sum, std::int64_t bytes) { sum = sum.value_or(0) + bytes; }

/// The buffer type's name: the word before " model buffer size".
View word_before(View line, View key) {
  const auto head = trim(line.substr(0, line.find(key)));
  return head.substr(head.find_last_of(" \t") == View::npos ? 0 : head.find_last_of(" \t") + 1);
}

std::string type_in(View line, View key) {
  const auto rest = after(line, key);
  return rest ? std::string(rest->substr(0, rest->find(')'))) : std::string();
}

/// Bytes by where they lie: "CPU_Mapped" and "CUDA_Host" buffers are the host's, "CUDA0" ones a device's.
struct Place {
  std::optional<std::int64_t> host, device;
  std::optional<std::int64_t>& of(View buffer) { return buffer.starts_with("CPU") || buffer.ends_with("_Host") ? host : device; }
};

/// Sums of one load; each listing begins with a line of its own, which starts the sum anew.
class Reader {
 public:
  void line(View text) {
    restarts(text);
    buffers(text);
    cache(text);
    settings(text);
  }

  [[nodiscard]] LlamaLog result() const {
    LlamaLog log = log_;
    const bool on_gpu = weights_.device.has_value();
    const auto in_place = [&](const Place& place) { return on_gpu ? place.device : place.host; };
    log.weights_bytes = in_place(weights_), log.compute_bytes = in_place(compute_);
    if (on_gpu) log.host_weights_bytes = weights_.host;
    if (const auto output = in_place(output_); log.compute_bytes || output) log.other_bytes = log.compute_bytes.value_or(0) + output.value_or(0);
    return log;
  }

 private:
  void restarts(View text) {
    if (after(text, "loading model tensors")) {
      weights_ = {};
      log_.buffers.clear();
    }
    if (after(text, "constructing llama_context")) {
      log_.kv_bytes.reset();
      log_.kv_tokens.reset();
      output_ = {};
    }
    if (after(text, "sched_reserve: reserving")) compute_ = {};
  }

  void buffers(View text) {
    if (const auto mib = number_after<double>(text, " model buffer size =")) {
      add(weights_.of(word_before(text, " model buffer size")), bytes_of(*mib));
      log_.buffers += fmt::format("{}{} {:.2f} MiB", log_.buffers.empty() ? "" : ", ", word_before(text, " model buffer size"), *mib);
    }
    if (const auto mib = number_after<double>(text, " output buffer size =")) add(output_.of(word_before(text, " output buffer size")), bytes_of(*mib));
    if (const auto mib = number_after<double>(text, " compute buffer size =")) add(compute_.of(word_before(text, " compute buffer size")), bytes_of(*mib));
  }

  /// "size = 11.25 MiB ( 256 cells, 30 layers, 2/2 seqs), K (f16): ...": cells of each stream, and streams after the slash.
  void cache(View text) {
    if (!after(text, " cells, ") || !after(text, " layers, ")) return;
    const auto mib = number_after<double>(text, "size =");
    const auto cells = number_after<std::int64_t>(text, " MiB (");
    if (!mib || !cells) return;
    add(log_.kv_bytes, bytes_of(*mib));  // models with sliding windows or recurrent layers list several
    const auto streams = number_after<std::int64_t>(after(text, " layers,").value_or(""), "/");
    if (!streams) return;                // a recurrent state has no tokens to count
    log_.kv_tokens = std::max(log_.kv_tokens.value_or(0), *cells * *streams);
    const auto k = type_in(text, ", K ("), v = type_in(text, ", V (");
    log_.kv_type = k == v ? k : "K " + k + ", V " + v;
  }

  void settings(View text) {
    if (const auto n = number_after<int>(text, "initializing, n_slots =")) {
      log_.slots = n;
      log_.context_per_slot = number_after<int>(text, "n_ctx_slot =");
    }
    if (const auto rest = after(text, "print_info: build ")) log_.build = "build " + std::string(rest->substr(0, rest->find(" with ")));
    if (const auto rest = after(text, "system_info: n_threads = ")) log_.threads = std::string(rest->substr(0, rest->find_first_not_of("0123456789")));
    if (const auto rest = after(text, "system_info: ")) log_.system_info = std::string(trim(rest->substr(0, rest->find_last_not_of(" |\r") + 1)));
    if (const auto rest = after(text, "Flash Attention ")) log_.flash_attention = std::string(trim(*rest));
    else if (const auto asked = after(text, "flash_attn ")) log_.flash_attention = std::string(trim(asked->substr(asked->find('=') + 1)));
  }

  LlamaLog log_;
  Place weights_, compute_, output_;
};

/// llama-server marks a line's level by a letter after the time: "0.00.005.999 E gguf_init_from_file: ...".
bool has_error_level(View line) {
  const auto space = line.find(' ');
  return space != View::npos && space > 0 && line.substr(0, space).find_first_not_of("0123456789.") == View::npos &&
         line.substr(space).starts_with(" E ");
}

// Ways in which programs say why they gave up: ours, ggml's, the C++ runtime's, the loader's, Python's.
constexpr View kFatal[] = {"error:", "Error:", "ERROR", "GGML_ASSERT", "terminate called", "what():", "cannot open shared object", "Illegal instruction",
                           "CUDA error", "out of memory", "Killed"};

bool is_error(View line) {
  return has_error_level(line) || std::any_of(std::begin(kFatal), std::end(kFatal), [&](View word) { return line.find(word) != View::npos; });
}

}  // namespace

LlamaLog read_llama_log(std::string_view log) {
  Reader reader;
  for_each_line(log, [&](View line) { reader.line(line); });
  return reader.result();
}

std::string telling_lines(std::string_view log, int n) {
  // Errors from long before the end are of requests that the server survived: only the last lines can hold the reason.
  constexpr std::size_t kEnd = 40;
  std::deque<View> end;
  for_each_line(log, [&](View line) {
    if (trim(line).empty()) return;
    end.push_back(line);
    if (end.size() > kEnd) end.pop_front();
  });
  std::vector<View> chosen;
  for (const auto line : end)
    if (is_error(line)) chosen.push_back(line);
  if (chosen.empty()) chosen.assign(end.begin(), end.end());
  const auto first = chosen.size() - std::min(chosen.size(), static_cast<std::size_t>(std::max(n, 0)));
  return fmt::format("{}", fmt::join(chosen.begin() + static_cast<std::ptrdiff_t>(first), chosen.end(), "\n"));
}

}  // namespace qc
