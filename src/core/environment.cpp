#include "core/environment.h"

#include <unistd.h>

#include <algorithm>
#include <string_view>

#include "core/json.h"
#include "core/secrets.h"

namespace qc {
namespace {

constexpr std::string_view kPrefixes[] = {"CUDA_",  "NVIDIA_", "NCCL_",  "CUBLAS", "CUDNN_",  "TORCH",  "PYTORCH_", "TRITON_", "FLASHINFER_", "VLLM_",  "SGLANG_", "SGL_",   "LLAMA_", "GGML_",   "HF_",
                                          "HUGGINGFACE", "TRANSFORMERS_", "TOKENIZERS_", "SAFETENSORS_", "OMP_", "GOMP_", "KMP_", "MKL_", "OPENBLAS_", "ONEDNN_", "DNNL_", "MALLOC_", "TCMALLOC_", "LD_", "PYTHON", "QUANTCASE_", "XDG_CACHE_HOME", "VIRTUAL_ENV"};

}  // namespace

std::map<std::string, std::string> serving_environment() {
  std::map<std::string, std::string> found;
  for (char** each = environ; each && *each; ++each) {
    const std::string_view entry = *each;
    const std::size_t equals = entry.find('=');
    if (equals == std::string_view::npos || std::ranges::none_of(kPrefixes, [&](std::string_view prefix) { return entry.starts_with(prefix); })) continue;
    const std::string name(entry.substr(0, equals));
    if (!is_utf8(entry)) continue;         // no store could hold it
    found[name] = names_a_secret(name) ? kHidden : std::string(entry.substr(equals + 1));
  }
  return found;
}

}  // namespace qc
