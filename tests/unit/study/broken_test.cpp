// Studies with one thing wrong: the whole message is expected, line by line, as docs/interface.md asks for it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/study/example.h"

namespace qc {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct Broken {
  const char* name;
  const char* what;
  const char* instead;
  const char* message;  ///< how the only line begins
};

void PrintTo(const Broken& broken, std::ostream* out) { *out << broken.name; }

class BrokenStudy : public testing::TestWithParam<Broken> {};

TEST_P(BrokenStudy, is_refused_in_one_line) {
  const auto study = parse_study(example_with(GetParam().what, GetParam().instead), "s.toml", {});
  ASSERT_FALSE(study);
  EXPECT_EQ(study.error().fault, Fault::usage);
  EXPECT_THAT(study.error().message, StartsWith(GetParam().message));
  EXPECT_EQ(std::ranges::count(study.error().message, '\n'), 0) << study.error().message;
}

const Broken kBroken[] = {
    {"unknown_key", "blocks = 4", "block = 4",
     "s.toml:5: study.block: found an unknown key; accepted: name, title, seed, blocks, aa, min_effect, allow, max_minutes, sequential, time_budget_minutes; did you mean blocks?"},
    {"key_of_another_table", "seed = 42", "max_num_seqs = 42", "s.toml:4: study.max_num_seqs: found an unknown key; accepted: name, title, seed, blocks, aa, min_effect, allow, max_minutes, sequential, time_budget_minutes; did you mean engine.max_num_seqs?"},
    {"unknown_table", "[estimate]", "[estimat]", "s.toml:47: estimat: found an unknown table; accepted: the tables study, hardware, engine, variant, workload, quality, estimate; did you mean estimate?"},
    {"key_outside_tables", "[study]", "blocks = 2\n[study]", "s.toml:1: blocks: found an unknown key outside of any table; accepted: the tables study, hardware, engine, variant, workload, quality, estimate; did you mean study.blocks?"},
    {"number_as_string", "blocks = 4", "blocks = \"4\"", "s.toml:5: study.blocks: found the string \"4\"; accepted: a whole number from 1 to 1000"},
    {"string_as_number", "name = \"awq\"", "name = 4", "s.toml:25: variant[2].name: found 4; accepted: a name of letters"},
    {"fraction_for_whole", "blocks = 4", "blocks = 4.0", "s.toml:5: study.blocks: found 4.0; accepted: a whole number from 1 to 1000"},
    {"zero_blocks", "blocks = 4", "blocks = 0", "s.toml:5: study.blocks: found 0; accepted: a whole number from 1 to 1000"},
    {"negative_seed", "seed = 42", "seed = -1", "s.toml:4: study.seed: found -1; accepted: a whole number, 0 or more"},
    {"aa_word", "aa = \"middle\"", "aa = \"midle\"", "s.toml:6: study.aa: found the string \"midle\"; accepted: middle, all, none; did you mean middle?"},
    {"min_effect_of_one", "seed = 42", "min_effect = 1", "s.toml:4: study.min_effect: found 1; accepted: a fraction from 0 to below 1"},
    {"name_for_files", "name = \"quant-vs-bf16\"", "name = \"quant vs/bf16\"", "s.toml:2: study.name: found the string \"quant vs/bf16\"; accepted: a name of letters"},
    {"no_name", "name = \"quant-vs-bf16\"\n", "", "s.toml:1: study.name: found nothing; accepted: a name for its files"},
    {"free_machine", "hourly_usd = 0.24", "hourly_usd = 0", "s.toml:9: hardware.hourly_usd: found 0; accepted: a number from 0.0001 to 100000 (dollars an hour"},
    {"price_not_a_number", "hourly_usd = 0.24", "hourly_usd = nan", "s.toml:9: hardware.hourly_usd: found nan; accepted: a number from 0.0001"},
    {"infinite_price", "hourly_usd = 0.24", "hourly_usd = inf", "s.toml:9: hardware.hourly_usd: found inf; accepted: a number from 0.0001"},
    {"price_that_prints_as_nothing", "hourly_usd = 0.24", "hourly_usd = 0.00001", "s.toml:9: hardware.hourly_usd: found 1e-05; accepted: a number from 0.0001"},
    {"price_beyond_all", "hourly_usd = 0.24", "hourly_usd = 1e308", "s.toml:9: hardware.hourly_usd: found 1e+308; accepted: a number from 0.0001 to 100000"},
    {"utilization_over_one", "utilization = 1.0", "utilization = 1.5", "s.toml:11: hardware.utilization: found 1.5; accepted: a number from 0.0001 to 1"},
    {"utilization_zero", "utilization = 1.0", "utilization = 0", "s.toml:11: hardware.utilization: found 0; accepted: a number from 0.0001 to 1"},
    {"engine_kind", "kind = \"vllm\"", "kind = \"VLLM\"", "s.toml:13: engine.kind: found the string \"VLLM\"; accepted: llama, vllm, sglang, openai; did you mean vllm?"},
    {"gpu_share", "gpu_memory_utilization = 0.90", "gpu_memory_utilization = 90", "s.toml:16: engine.gpu_memory_utilization: found 90; accepted: a number above 0 and at most 1"},
    {"args_as_one_string", "args = []", "args = \"--x\"", "s.toml:17: engine.args: found the string \"--x\"; accepted: a list of strings, each a string"},
    {"args_of_numbers", "args = []", "args = [\"-np\", 4]", "s.toml:17: engine.args: found 4 in the list; accepted: a list of strings"},
    {"port_of_its_own", "args = []", "args = [\"--port\", \"1\"]", "s.toml:17: engine.args: found \"--port\" in the list; accepted: no address: quantcase gives every server one"},
    {"host_of_its_own", "args = []", "args = [\"--host=0.0.0.0\"]", "s.toml:17: engine.args: found \"--host=0.0.0.0\" in the list; accepted: no address"},
    {"model_among_args", "expect = \"awq\"", "args = [\"--model\", \"x\"]", "s.toml:27: variant.awq.args: found \"--model\" in the list; accepted: the model as `model` of the [[variant]]"},
    {"url_without_scheme", "command = [\"vllm\"]", "url = \"localhost:8000\"", "s.toml:18: engine.url: found the string \"localhost:8000\"; accepted: a server's root such as http://127.0.0.1:8000"},
    {"url_with_bad_port", "command = [\"vllm\"]", "url = \"http://h:99999\"", "s.toml:18: engine.url: found the string \"http://h:99999\"; accepted: a server's root"},
    {"url_and_command", "args = []", "url = \"http://h:1/v1\"", "s.toml:18: engine.command: found a command beside engine.url; accepted: either command"},
    {"empty_program", "command = [\"vllm\"]", "command = [\"\"]", "s.toml:18: engine.command: found an empty first word; accepted: the program to start as the first word"},
    {"connect_alone", "command = [\"vllm\"]", "connect = \"h:1\"", "s.toml:18: engine.connect: found no engine.command with it; accepted: command as well"},
    {"connect_without_port", "args = []", "connect = \"h\"", "s.toml:17: engine.connect: found the string \"h\"; accepted: host:port such as"},
    {"switch_word", "switch = \"auto\"", "switch = \"swap\"", "s.toml:19: engine.switch: found the string \"swap\"; accepted: auto, resident, sleep, restart"},
    {"env_of_numbers", "args = []", "env = { A = 1 }", "s.toml:17: engine.env: found A = 1; accepted: a table of strings"},
    {"variant_as_one_table", "[[variant]]\nname = \"bf16\"\nmodel = \"Qwen/Qwen2.5-3B-Instruct\"\nbaseline = true\n[[variant]]", "[variant]",
     "s.toml:20: variant: found a table; accepted: a table for each variant, headed [[variant]]"},
    {"duplicate_variant", "name = \"awq\"", "name = \"bf16\"", "s.toml:25: variant[2].name: found \"bf16\" a second time; accepted: a name of its own"},
    {"variant_name_with_equals", "name = \"awq\"", "name = \"awq=4\"", "s.toml:25: variant[2].name: found the string \"awq=4\"; accepted: a name of letters"},
    {"variant_named_as_the_aa_visits", "name = \"awq\"", "name = \"bf16.aa\"", "s.toml:25: variant.bf16.aa.name: found \"bf16.aa\", the name of the A/A visits of bf16; accepted: a name of its own"},
    {"workload_named_as_a_section", "name = \"batch\"", "name = \"cost\"", "s.toml:38: workload.cost.name: found \"cost\", the name of another section of the report; accepted: a name that is none of setup, vram, quality, cost"},
    {"no_baseline", "baseline = true", "baseline = false", "s.toml:20: variant.bf16: found no baseline among the variants; accepted: baseline = true in exactly one"},
    {"two_baselines", "expect = \"awq\"", "baseline = true", "s.toml:27: variant.awq.baseline: found a second baseline; accepted: one variant with baseline = true; the first is variant.bf16"},
    {"one_variant", "[[variant]]\nname = \"awq\"\nmodel = \"Qwen/Qwen2.5-3B-Instruct-AWQ\"\nexpect = \"awq\"\n", "",
     "s.toml:20: variant.bf16: found one variant alone; accepted: a baseline and at least one candidate"},
    {"no_model", "model = \"Qwen/Qwen2.5-3B-Instruct-AWQ\"\n", "", "s.toml:24: variant.awq.model: found nothing; accepted: a path or a hub id"},
    {"expected_format", "expect = \"awq\"", "expect = \"gguf:Q4_O\"", "s.toml:27: variant.awq.expect: found the string \"gguf:Q4_O\"; accepted: bf16, fp16"},
    {"duplicate_workload", "name = \"batch\"", "name = \"chat\"", "s.toml:38: workload[2].name: found \"chat\" a second time; accepted: a name of its own"},
    {"prompt_set", "prompts = \"summarize\"", "prompts = \"sumarize\"", "s.toml:39: workload.batch.prompts: found the string \"sumarize\"; accepted: chat, summarize, summarize-short, a JSONL file that is there, or random:N with N from 1 to 32768; did you mean summarize?"},
    {"prompt_file", "prompts = \"summarize\"", "prompts = \"./no.jsonl\"", "s.toml:39: workload.batch.prompts: found \"./no.jsonl\", where no file is; accepted: chat, summarize"},
    {"random_zero", "prompts = \"summarize\"", "prompts = \"random:0\"", "s.toml:39: workload.batch.prompts: found the string \"random:0\"; accepted: chat"},
    {"random_words", "prompts = \"summarize\"", "prompts = \"random:many\"", "s.toml:39: workload.batch.prompts: found the string \"random:many\"; accepted: chat"},
    {"endpoint", "endpoint = \"chat\"", "endpoint = \"chats\"", "s.toml:31: workload.chat.endpoint: found the string \"chats\"; accepted: chat, completions; did you mean chat?"},
    {"no_concurrency", "concurrency = [1, 8, 16]\n", "", "s.toml:28: workload.chat.concurrency: found nothing; accepted: a list of whole numbers"},
    {"empty_concurrency", "concurrency = [1, 8, 16]", "concurrency = []", "s.toml:32: workload.chat.concurrency: found an empty list; accepted: a list of 1 to 64 different whole numbers"},
    {"concurrency_of_zero", "concurrency = [1, 8, 16]", "concurrency = [0, 8]", "s.toml:32: workload.chat.concurrency: found 0 in the list; accepted: a list"},
    {"concurrency_twice", "concurrency = [1, 8, 16]", "concurrency = [8, 1, 8]", "s.toml:32: workload.chat.concurrency: found 8 twice in the list; accepted: a list"},
    {"concurrency_as_number", "concurrency = [1, 8, 16]", "concurrency = 8", "s.toml:32: workload.chat.concurrency: found 8; accepted: a list"},
    {"no_tokens", "max_tokens = 128", "max_tokens = 0", "s.toml:35: workload.chat.max_tokens: found 0; accepted: a whole number from 1 to 1000000"},
    {"too_long", "max_tokens = 128", "max_tokens = 4096", "s.toml:35: workload.chat.max_tokens: found 4096 tokens; accepted: prompt and answer within engine.max_model_len = 4096"},
    {"random_too_long", "prompts = \"chat\"", "prompts = \"random:4000\"", "s.toml:35: workload.chat.max_tokens: found 128 tokens after prompts of 4000: 4128 together; accepted: prompt and answer within engine.max_model_len = 4096"},
    {"no_document_fits", "max_model_len = 4096", "max_model_len = 400", "s.toml:41: workload.batch.max_tokens: found 256 tokens after prompts of at least 250: 506 together; accepted: prompt and answer within engine.max_model_len = 400"},
    {"budget_of_zero", "p95_budget_ms = 3000", "p95_budget_ms = 0", "s.toml:36: workload.chat.p95_budget_ms: found 0; accepted: a number above 0"},
    {"negative_budget", "p95_budget_ms = 3000", "p95_budget_ms = -5", "s.toml:36: workload.chat.p95_budget_ms: found -5; accepted: a number above 0"},
    {"no_requests", "requests_per_slot = 3", "requests_per_slot = 0", "s.toml:33: workload.chat.requests_per_slot: found 0; accepted: a whole number from 1"},
    {"huge_number", "min_requests = 8", "min_requests = 9223372036854775807", "s.toml:34: workload.chat.min_requests: found 9223372036854775807; accepted: a whole number from 1 to 1000000"},
    {"spot", "\"factual\"", "\"facts\"", "s.toml:44: quality.spot: found the string \"facts\" in the list; accepted: a list, each once, of factual, reasoning, code, summarization"},
    {"suite", "\"mmlu:1140\"", "\"mmul:1140\"", "s.toml:45: quality.suites: found the string \"mmul:1140\" in the list; accepted: a list"},
    {"suite_count", "\"mmlu:1140\"", "\"mmlu:0\"", "s.toml:45: quality.suites: found the string \"mmlu:0\" in the list; accepted: a list"},
    {"margin", "margin_pp = 1.0", "margin_pp = 0", "s.toml:46: quality.margin_pp: found 0; accepted: percentage points above 0"},
    {"date", "price_note = \"community cloud, 2026-11-01\"", "price_note = 2026-11-01", "s.toml:10: hardware.price_note: found a date or time; accepted: a string"},
    {"seed_beyond_64_bits", "seed = 42", "seed = 18446744073709551616", "s.toml:4: seed: parse error: "},
    {"secret_in_a_broken_line", "seed = 42", "my key = \"opensesame", "s.toml:4: parse error: "},
    {"broken_toml", "seed = 42", "seed = = 42", "s.toml:4: seed: parse error: "},
    {"one_table_of_several", "[[variant]]\nname = \"awq\"", "[variant]\nname = \"awq\"", "s.toml:24: parse error: Error while parsing table header: cannot redefine existing array 'variant' as table; accepted: TOML, such as [study], [[variant]]"},
    {"duplicate_key", "seed = 42", "seed = 42\nseed = 43", "s.toml:5: seed: parse error: "},
};

INSTANTIATE_TEST_SUITE_P(One, BrokenStudy, testing::ValuesIn(kBroken), [](const auto& each) { return std::string(each.param.name); });

std::string llama_example() {
  std::string text = example_with("kind = \"vllm\"", "kind = \"llama\"");
  return text.replace(text.find("command = [\"vllm\"]"), 18, "");
}

TEST(BrokenStudyOfLlama, hub_ids_need_a_file) {
  const std::string message = problems_of(llama_example());
  EXPECT_THAT(message, HasSubstr("s.toml:22: variant.bf16.model: found \"Qwen/Qwen2.5-3B-Instruct\", which reads as a hub id; accepted: a local GGUF file"));
  EXPECT_THAT(message, HasSubstr("s.toml:26: variant.awq.model: found \"Qwen/Qwen2.5-3B-Instruct-AWQ\", which reads as a hub id"));
}

TEST(BrokenStudyOfLlama, cannot_sleep) {
  std::string text = llama_example();
  text.replace(text.find("switch = \"auto\""), 15, "switch = \"sleep\"");
  EXPECT_THAT(problems_of(text), HasSubstr("s.toml:19: engine.switch: found sleep with kind llama; accepted: auto, resident or restart"));
}

TEST(BrokenStudyOfOpenai, needs_urls) {
  std::string text = example_with("kind = \"vllm\"", "kind = \"openai\"");
  text.replace(text.find("command = [\"vllm\"]"), 18, "");
  EXPECT_THAT(problems_of(text), StartsWith("s.toml:13: engine.kind: found openai without any url; accepted: url in [engine], or in every [[variant]]"));
  text.replace(text.find("expect = \"awq\""), 0, "url = \"http://h:2\"\n");
  EXPECT_THAT(problems_of(text), StartsWith("s.toml:20: variant.bf16.url: found nothing; accepted: the url of this variant's server"));
  text.replace(text.find("baseline = true"), 0, "url = \"http://h:1\"\n");
  EXPECT_EQ(problems_of(text), "");
}

TEST(BrokenStudyOfOpenai, can_not_restart_servers_of_others) {
  EXPECT_THAT(problems_of(example_with("command = [\"vllm\"]\nswitch = \"auto\"", "url = \"http://h:1\"\nswitch = \"restart\"")),
              StartsWith("s.toml:19: engine.switch: found restart for servers that run already; accepted: auto or resident"));
}

TEST(BrokenStudy, remote_files_are_not_looked_for) {
  for (const char* command : {"command = [\"ssh\", \"gpu1\", \"vllm\"]", "command = [\"/usr/bin/docker\", \"run\"]", "command = [\"vllm\"]\nconnect = \"gpu1:8000\""}) {
    std::string text = example_with("command = [\"vllm\"]", command);
    text.replace(text.find("Qwen/Qwen2.5-3B-Instruct"), 24, "/models/on/the/other/machine");
    EXPECT_EQ(problems_of(text), "") << command;
  }
  std::string here = kExample;
  here.replace(here.find("Qwen/Qwen2.5-3B-Instruct"), 24, "/models/on/this/machine");
  EXPECT_THAT(problems_of(here), HasSubstr("variant.bf16.model: found \"/models/on/this/machine\", where nothing is; accepted: a model's folder or file that is there"));
}

TEST(BrokenStudy, every_problem_is_told_in_one_go) {
  std::string text = example_with("blocks = 4", "blocks = 0");
  text.replace(text.find("utilization = 1.0"), 17, "utilisation = 1.0");
  text.replace(text.find("prompts = \"summarize\""), 21, "prompts = \"sum\"");
  const std::string message = problems_of(text);
  EXPECT_THAT(message, StartsWith("s.toml:5: study.blocks: "));
  EXPECT_THAT(message, HasSubstr("\ns.toml:11: hardware.utilisation: found an unknown key; accepted: provider, name, hourly_usd, price_note, utilization; did you mean utilization?\n"));
  EXPECT_THAT(message, HasSubstr("\ns.toml:39: workload.batch.prompts: "));
  EXPECT_EQ(std::ranges::count(message, '\n'), 2) << message;
}

TEST(BrokenStudy, a_list_that_holds_something_else) {
  EXPECT_EQ(problems_of("variant = [1]\nworkload = []\n[study]\nname = \"x\"\n"),
            "s.toml:1: variant: found [1]; accepted: a table for each variant, headed [[variant]]\n"
            "s.toml:2: workload: found an empty list; accepted: a table for each workload, headed [[workload]]");
}

TEST(BrokenStudy, an_empty_file_says_what_is_needed) {
  const std::string message = problems_of("");
  EXPECT_THAT(message, HasSubstr("s.toml:1: study.name: found nothing"));
  EXPECT_THAT(message, HasSubstr("s.toml:1: variant: found none; accepted: two or more tables [[variant]]"));
  EXPECT_THAT(message, HasSubstr("s.toml:1: workload: found none; accepted: one or more tables [[workload]]"));
  EXPECT_LT(message.find("study.name"), message.find("variant:")) << "of one line, as they were found";
  EXPECT_LT(message.find("variant:"), message.find("workload:"));
}

TEST(BrokenStudy, too_many_visits_are_refused_before_a_plan_is_made) {
  std::string many;
  for (int i = 0; i < 60; ++i) many += "[[variant]]\nname = \"v" + std::to_string(i) + "\"\nmodel = \"a/b\"\n";
  std::string text = example_with("blocks = 4", "blocks = 1000");
  EXPECT_THAT(problems_of(text + many), HasSubstr("s.toml:5: study.blocks: found a study of 310000 visits; accepted: at most 100000"));  // 62 x 5 x 1000
}

TEST(BrokenStudy, many_problems_are_counted_not_listed) {
  std::string text = kExample + "[zzz]\n";
  for (int i = 0; i < 100; ++i) text += "[t" + std::to_string(1000 + i) + "]\n";
  const std::string message = problems_of(text);
  EXPECT_EQ(std::ranges::count(message, '\n'), 50);
  EXPECT_THAT(message, testing::EndsWith("s.toml: and 51 more problems"));
}

TEST(BrokenStudy, control_characters_do_not_reach_the_terminal) {
  const std::string message = problems_of(example_with("aa = \"middle\"", "aa = \"\\u001b[31mred\""));
  EXPECT_THAT(message, HasSubstr("found the string \"\\x1b[31mred\""));
}

TEST(HostileStudy, deep_nesting_is_bounded) {
  std::string dotted = "a";
  for (int i = 0; i < 60'000; ++i) dotted += ".a";
  EXPECT_THAT(problems_of(dotted + " = 1"), HasSubstr("s.toml:1: parse error: found 60000 dots and opening brackets"));
  EXPECT_THAT(problems_of(dotted.substr(0, 2 * 9'000 + 1) + " = 1"), HasSubstr("unknown table"));
  EXPECT_THAT(problems_of("a = " + std::string(9'000, '[')), HasSubstr("parse error"));
  EXPECT_THAT(problems_of(std::string(300 * 1024, '#')), HasSubstr("307200 bytes"));
}

}  // namespace
}  // namespace qc
