// Recorded failures of a real vLLM, 0.25.1 on an H100 and 0.32.0 on a CPU: the cause is quoted first, and the remedy is the one for it.
#include <gmock/gmock.h>

#include "core/text.h"
#include "measure/engines/diagnosis.h"
#include "measure/engines/http_engine.h"
#include "measure/engines/vllm_log.h"
#include "unit/engines/support.h"

namespace qc {
namespace {

using test::fixture;
using testing::AllOf;
using testing::HasSubstr;

struct Recorded { std::string folder, name, cause, remedy; };
void PrintTo(const Recorded& recorded, std::ostream* out) { *out << recorded.name; }

class VllmFailure : public testing::TestWithParam<Recorded> {};

TEST_P(VllmFailure, IsAnsweredWithItsCauseAndARemedy) {
  const auto& [folder, name, cause, remedy] = GetParam();
  const auto log = fixture("vllm/" + folder + "/" + name + ".log");
  const auto said = failure_report("it ended", log, Exit{.code = 1}, "", "");
  EXPECT_THAT(said, HasSubstr("it ended\nIts log says:\n" + cause));
  EXPECT_THAT(said, HasSubstr("\n" + remedy));
  EXPECT_THAT(remedy_for(log, Exit{.code = 1}), testing::StartsWith(remedy));
}

const Recorded kRecorded[] = {
    {"failures_more", "no_model_offline", "huggingface_hub.errors.LocalEntryNotFoundError: Cannot find an appropriate cached snapshot folder", "The model is not in this machine's cache, and the hub can't be reached"},
    {"failures_hub", "gated_401", "OSError: You are trying to access a gated repo.\nAccess to model meta-llama/Llama-3.1-8B-Instruct is restricted. You must have access to it", "The model is gated: accept its licence on its page at the hub, and put your token into the environment variable HF_TOKEN."},
    {"failures_hub", "gated_403", "OSError: You are trying to access a gated repo.\nAccess to model meta-llama/Llama-3.1-8B-Instruct is restricted and you are not in the authorized list.", "The model is gated, and the account of the token in HF_TOKEN has no access to it: ask for it on the model's page"},
    {"failures_cuda", "no_device", "AssertionError: DP adjusted local rank 0 is out of bounds for 0 devices.", "No GPU is visible: check `nvidia-smi` and CUDA_VISIBLE_DEVICES."},
    {"failures_cuda", "device_not_there", "vllm.third_party.pynvml.NVMLError_InvalidArgument: Invalid Argument\n", "CUDA_VISIBLE_DEVICES names a GPU that is not there"},
    {"failures_more", "two_cards", "Value error, World size (2) is larger than the number of available GPUs (1)", "More GPUs are asked for than are there: lower `--tensor-parallel-size`"},
    {"failures_more", "unknown_argument", "main.py: error: unrecognized arguments: --max-model-length 4096\n", "This vLLM does not know that argument"},
    {"failures_more", "unknown_architecture", "Value error, Model architectures ['TomorrowForCausalLM'] are not supported for now.", "This vLLM, or the Transformers library beside it, is older than the model: use a newer release"},
    {"failures_more", "unknown_model_type", "Value error, The checkpoint you are trying to load has model type `tomorrow`", "This vLLM, or the Transformers library beside it, is older than the model: use a newer release"},
    {"failures_more", "no_tokenizer", "ValueError: Couldn't instantiate the backend tokenizer", "The tokenizer's files are missing beside the weights"},
    {"failures_more", "no_weights", "RuntimeError: Cannot find any model weights with `MODELS/no-weights`", "The folder holds no weights"},
    {"failures_more", "cut_short", "safetensors._safetensors_rust.SafetensorError: Error while deserializing header", "A weight file is cut short: fetch it again"},
    {"failures_more", "no_bitsandbytes", "ImportError: Please install bitsandbytes>=0.48.1", "That quantization needs the package bitsandbytes"},
    {"failures_more", "memory_released", "AssertionError: Error in memory profiling. Initial free memory 62.87 GiB", "Another program let memory of the card go while vLLM measured it"},
    {"failures_more", "unknown_quantization", "Value error, Unknown quantization method: tomorrow.", "This vLLM does not know that quantization. Where the model's config.json names it"},
    {"failures_more", "no_context", "ValueError: To serve at least one request with the model's max seq len (131072), (16.0 GiB KV cache is needed", "The context does not fit beside the weights: lower `engine.max_model_len` (the message names the most that fits)"},
    {"failures_cuda", "full_card", "torch.AcceleratorError: CUDA error: out of memory\n", "The card was full before vLLM took any of it: `nvidia-smi` names who holds its memory"},
    {"failures_cuda", "device_assert_serving", "CUDA error (/workspace/.deps/vllm-flash-attn-src/hopper/flash_fwd_launch_template.h:199): device-side assert triggered\n", "A kernel's own check failed"},
    {"failures_cuda", "out_of_memory_serving", "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 256.00 MiB.", "The card's memory ran out while the server answered: lower `engine.gpu_memory_utilization` or `engine.max_num_seqs`"},
};
INSTANTIATE_TEST_SUITE_P(Recorded, VllmFailure, testing::ValuesIn(kRecorded), [](const auto& given) { return given.param.name; });

// Releases of about 0.10 to 0.12 colour their prefixes even into a file (vllm#25943); in a container the API server's stands before the engine's.
TEST(VllmFailureReport, ColoursAndPrefixesOneBehindTheOtherHideNoCause) {
  const auto plain = fixture("vllm/failures/no_kv_memory.log");
  const auto expected = failure_report("it ended", plain, Exit{.code = 1}, "", "");
  EXPECT_THAT(expected, HasSubstr("The weights leave no room for a KV cache"));
  const auto coloured = replaced(replaced(plain, "(EngineCore pid=", "\x1b[1;36m(EngineCore_DP0 pid="), ") ERROR", ")\x1b[0;0m ERROR");
  ASSERT_NE(coloured, plain);
  EXPECT_EQ(failure_report("it ended", without_colours(coloured), Exit{.code = 1}, "", ""), expected);
  const auto nested = replaced(plain, "(EngineCore pid=", "(APIServer pid=1) (Worker_TP0 pid=228) (EngineCore pid=");
  EXPECT_EQ(failure_report("it ended", nested, Exit{.code = 1}, "", ""), expected);
}

// A misspelled id without a token is answered with 401 by the hub (vast-ai/base-image#128); other texts by hand from the sources of 0.6 to 0.12.
TEST(VllmFailureReport, NoSuchModelIsNotALicenceToAccept) {
  const auto remedy = [](const std::string& lines) { return remedy_for("(APIServer pid=1) INFO 01-01 00:00:00 [x.py:1] vLLM API server version 0.20.0\n" + lines + "\n", {}); };
  EXPECT_THAT(remedy("(APIServer pid=1) huggingface_hub.errors.RepositoryNotFoundError: 401 Client Error. (Request ID: Root=1-6)\n"
                     "(APIServer pid=1) OSError: Qwen/Qwen3.5-27B-AWQ is not a local folder and is not a valid model identifier listed on 'https://huggingface.co/models'"),
              HasSubstr("There is no such model at the hub"));
  EXPECT_THAT(remedy("(APIServer pid=1) huggingface_hub.errors.RepositoryNotFoundError: 401 Client Error. If you are trying to access a private or gated repo, make sure you are authenticated."), HasSubstr("There is no such model at the hub"));
  EXPECT_THAT(remedy("ValueError: No supported config format found in a/b"), HasSubstr("There is no such model at the hub"));
  EXPECT_THAT(remedy("ValueError: Invalid repository ID or local directory specified: 'a/b'."), HasSubstr("There is no such model at the hub"));
  EXPECT_THAT(remedy("(EngineCore pid=2) INFO 01-01 00:00:01 [gpu_model_runner.py:1] Starting to load model m...\n"
                     "(EngineCore pid=2) RuntimeError: CUDA out of memory occurred when warming up sampler with 256 dummy requests. Please try lowering `max_num_seqs` or `gpu_memory_utilization` when initializing the engine."),
              HasSubstr("lower `engine.max_num_seqs` or `engine.gpu_memory_utilization`"));
}

TEST(VllmFailureReport, OfAGpuThatIsTooOldSaysSo) {
  const auto remedy = [](const std::string& line) { return remedy_for("(APIServer pid=1) INFO 01-01 00:00:00 [x.py:1] vLLM API server version 0.20.0\n(EngineCore pid=2) ERROR 01-01 00:00:01 [core.py:1] " + line + "\n", {}); };
  EXPECT_THAT(remedy("RuntimeError: The NVIDIA driver on your system is too old (found version 12090)."), HasSubstr("driver is too old"));
  EXPECT_THAT(remedy("RuntimeError: No CUDA GPUs are available"), HasSubstr("No GPU is visible"));
  EXPECT_THAT(remedy("ValueError: Bfloat16 is only supported on GPUs with compute capability of at least 8.0."), HasSubstr("`--dtype half`"));
  EXPECT_THAT(remedy("RuntimeError: CUDA error: no kernel image is available for execution on the device"), HasSubstr("was not built for this GPU"));
}

TEST(VllmFailureReport, QuotesNoListOfEveryArchitecture) {
  const auto said = failure_report("it ended", fixture("vllm/failures_more/unknown_architecture.log"), Exit{.code = 1}, "", "");
  EXPECT_LT(said.size(), 700u);   // the line itself has 9,000 characters
  EXPECT_THAT(said, HasSubstr(", 'CohereForCausalLM', ... (cut)\n"));
}

TEST(VllmFailureReport, QuotesNoAnswerToARequest) {
  EXPECT_THAT(failure_report("it ended", fixture("vllm/failures_cuda/out_of_memory_serving.log"), {}, "", ""), testing::Not(HasSubstr("ChatTemplate")));
  EXPECT_THAT(failure_report("it ended", fixture("vllm/failures_cuda/device_assert_serving.log"), {}, "", ""), testing::Not(HasSubstr("TMA descriptor")));
}

// The same words with another reason: here the model's own weights fill the card.
TEST(VllmFailureReport, ACardThatTheModelFillsIsNotFullOfSomethingElse) {
  EXPECT_THAT(remedy_for("(EngineCore pid=1) INFO [gpu_model_runner.py:1] Starting to load model m...\n(EngineCore pid=1) torch.AcceleratorError: CUDA error: out of memory\n", {}),
              HasSubstr("does not fit on this GPU"));
}

TEST(VllmReach, HowFarALogGoes) {
  EXPECT_EQ(vllm_reach(fixture("vllm/failures_cuda/full_card.log")), VllmReach::before_weights);
  EXPECT_EQ(vllm_reach(fixture("vllm/failures/no_free_memory.log")), VllmReach::before_weights);
  EXPECT_EQ(vllm_reach(fixture("vllm/failures/oom_70b.log")), VllmReach::weights);
  EXPECT_EQ(vllm_reach(fixture("vllm/failures_more/no_weights.log")), VllmReach::weights);
  EXPECT_EQ(vllm_reach(fixture("vllm/failures_cuda/out_of_memory_serving.log")), VllmReach::ready);
  EXPECT_EQ(vllm_reach(fixture("vllm/h100_gptq/start.log")), VllmReach::ready);
}

// Its engine is gone, but the process that has the port goes on for seconds, and answers each request with 500.
TEST(VllmEngine, ThatIsDeadBehindALivingServerIsTold) {
  EngineParts parts;
  parts.facts.variant = "bf16", parts.log = test::scratch() / "dead_engine.log";
  auto server = StartedServer::start({.words = {"sh", "-c", "cat " QC_SOURCE_DIR "/tests/fixtures/vllm/failures_cuda/out_of_memory_serving.log; exec sleep 60"}}, parts.log, {});
  ASSERT_TRUE(server);
  parts.started.emplace(std::move(*server));
  const auto engine = make_engine(std::move(parts));
  std::optional<std::string> died;
  ASSERT_TRUE(test::wait_until([&] { return (died = engine->died()).has_value(); }, 5));
  EXPECT_THAT(*died, AllOf(HasSubstr("the server of bf16 lost its engine\nIts log says:\ntorch.OutOfMemoryError: "), HasSubstr("lower `engine.gpu_memory_utilization` or `engine.max_num_seqs`")));
  EXPECT_EQ(engine->stop(), "stopped");
}

TEST(VllmEngine, ThatAnswersIsNotDead) {
  EXPECT_TRUE(vllm_engine_died(fixture("vllm/failures_cuda/device_assert_serving.log")));
  for (const char* alive : {"h100_gptq/start_act_order", "h100_sleeper/start_sleep_wake", "h100_sleeper/wake_on_full_card", "starts/h100_bf16"})
    EXPECT_FALSE(vllm_engine_died(fixture(std::string("vllm/") + alive + ".log"))) << alive;
}

}  // namespace
}  // namespace qc
