#include "measure/engines/metric_names.h"

namespace qc {
namespace {

using enum Fold;

// vLLM 0.6 to 0.32 (gpu_ names before 0.9; a front-end that leaves _total away), SGLang 0.3 to 0.5, llama-server.
constexpr MetricName kNames[] = {
    {"requests_running", "vllm:num_requests_running", 0, sum, false},
    {"requests_running", "sglang:num_running_reqs", 0, sum, false},
    {"requests_running", "llamacpp:requests_processing", 0, sum, false},
    {"requests_waiting", "vllm:num_requests_waiting", 0, sum, false},
    {"requests_waiting", "sglang:num_queue_reqs", 0, sum, false},
    {"requests_waiting", "llamacpp:requests_deferred", 0, sum, false},
    {"kv_usage", "vllm:kv_cache_usage_perc", 0, highest, false},
    {"kv_usage", "vllm:gpu_cache_usage_perc", 1, highest, false},
    {"kv_usage", "sglang:token_usage", 0, highest, false},
    {"kv_usage", "llamacpp:kv_cache_usage_ratio", 0, highest, false},
    {"preemptions", "vllm:num_preemptions_total", 0, sum, false},
    {"preemptions", "vllm:num_preemptions", 1, sum, false},
    {"preemptions", "sglang:num_retracted_requests_total", 0, sum, false},
    {"prompt_tokens", "vllm:prompt_tokens_total", 0, sum, false},
    {"prompt_tokens", "vllm:prompt_tokens", 1, sum, false},
    {"prompt_tokens", "sglang:prompt_tokens_total", 0, sum, false},
    {"prompt_tokens", "llamacpp:prompt_tokens_total", 0, sum, false},
    {"prompt_tokens", "llamacpp:prompt_tokens_cached_total", 0, sum, false},
    {"prompt_tokens_cached", "vllm:prefix_cache_hits_total", 0, sum, false},
    {"prompt_tokens_cached", "vllm:prefix_cache_hits", 1, sum, false},
    {"prompt_tokens_cached", "vllm:gpu_prefix_cache_hits_total", 2, sum, false},
    {"prompt_tokens_cached", "vllm:gpu_prefix_cache_hits", 3, sum, false},
    {"prompt_tokens_cached", "sglang:cached_tokens_total", 0, sum, false},
    {"prompt_tokens_cached", "llamacpp:prompt_tokens_cached_total", 0, sum, false},
    {"prefix_queries", "vllm:prefix_cache_queries_total", 0, sum, false},
    {"prefix_queries", "vllm:prefix_cache_queries", 1, sum, false},
    {"prefix_queries", "vllm:gpu_prefix_cache_queries_total", 2, sum, false},
    {"prefix_queries", "vllm:gpu_prefix_cache_queries", 3, sum, false},
    {"generation_tokens", "vllm:generation_tokens_total", 0, sum, false},
    {"generation_tokens", "vllm:generation_tokens", 1, sum, false},
    {"generation_tokens", "sglang:generation_tokens_total", 0, sum, false},
    {"generation_tokens", "llamacpp:tokens_predicted_total", 0, sum, false},
    {"requests_finished", "vllm:request_success_total", 0, sum, false},
    {"requests_finished", "vllm:request_success", 1, sum, false},
    {"requests_finished", "sglang:num_requests_total", 0, sum, false},
    {"prefill_busy_s", "llamacpp:prompt_seconds_total", 0, sum, false},
    {"decode_busy_s", "llamacpp:tokens_predicted_seconds_total", 0, sum, false},
    {"ttft_s", "vllm:time_to_first_token_seconds", 0, sum, true},
    {"ttft_s", "sglang:time_to_first_token_seconds", 0, sum, true},
    {"itl_s", "vllm:inter_token_latency_seconds", 0, sum, true},
    {"itl_s", "vllm:time_per_output_token_seconds", 1, sum, true},
    {"itl_s", "sglang:inter_token_latency_seconds", 0, sum, true},
    {"itl_s", "sglang:time_per_output_token_seconds", 1, sum, true},
    {"e2e_s", "vllm:e2e_request_latency_seconds", 0, sum, true},
    {"e2e_s", "sglang:e2e_request_latency_seconds", 0, sum, true},
    {"queue_s", "vllm:request_queue_time_seconds", 0, sum, true},
    {"queue_s", "sglang:queue_time_seconds", 0, sum, true},
    {"prefill_s", "vllm:request_prefill_time_seconds", 0, sum, true},
    {"decode_s", "vllm:request_decode_time_seconds", 0, sum, true},
};

}  // namespace

std::span<const MetricName> metric_names() { return kNames; }

}  // namespace qc
