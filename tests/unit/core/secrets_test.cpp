#include "core/secrets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace qc {
namespace {

using testing::ElementsAre;
using Words = std::vector<std::string>;

TEST(Secrets, AreHiddenInACommandAndNothingElseIs) {
  EXPECT_EQ(without_secrets("serve --api-key opensesame --max-tokens 5"), "serve --api-key (hidden) --max-tokens 5");
  EXPECT_EQ(without_secrets("HF_TOKEN=abc OPENAI_API_KEY='a b' serve --hf-token=abc"), "HF_TOKEN=(hidden) OPENAI_API_KEY=(hidden) serve --hf-token=(hidden)");
  EXPECT_EQ(without_secrets("serve --tokenizer x --port 80"), "serve --tokenizer x --port 80");
  EXPECT_EQ(without_secrets(R"q(run s.toml --set 'engine.args=["--api-key", "opensesame"]')q"), R"q(run s.toml --set 'engine.args=["--api-key", "(hidden)"]')q");
}

TEST(Secrets, AreHiddenAmongWords) {
  EXPECT_THAT(without_secrets(Words{"--api-key", "a b", "--max-tokens", "5", "--hf-token=x", "HF_TOKEN=y", "--tokenizer", "z"}),
              ElementsAre("--api-key", "(hidden)", "--max-tokens", "5", "--hf-token=(hidden)", "HF_TOKEN=(hidden)", "--tokenizer", "z"));
  EXPECT_THAT(without_secrets(Words{"opensesame", "--api-key"}), ElementsAre("opensesame", "--api-key"));
}

TEST(Secrets, AreHiddenWithinAWordToo) {
  EXPECT_THAT(without_secrets(Words{"docker", "run", "--env=HF_TOKEN=hf_a", "-eHF_TOKEN=hf_b", "sh", "-c", "export HF_TOKEN=hf_c; exec vllm serve --port=80"}),
              ElementsAre("docker", "run", "--env=HF_TOKEN=(hidden)", "-eHF_TOKEN=(hidden)", "sh", "-c", "export HF_TOKEN=(hidden); exec vllm serve --port=80"));
  EXPECT_THAT(without_secrets(Words{"curl", "-H", "Authorization: Bearer sk-d", "X-API-Key: e", "MAX_TOKENS=5", "tokenizer=x"}),
              ElementsAre("curl", "-H", "Authorization: Bearer (hidden)", "X-API-Key: (hidden)", "MAX_TOKENS=5", "tokenizer=x"));
  EXPECT_EQ(without_secrets("docker run --env=HF_TOKEN=hf_a -e OPENAI_KEY_1='b c' sh -c 'export HF_TOKEN=hf_c; exec vllm' -H 'Authorization: Bearer sk-d'"),
            "docker run --env=HF_TOKEN=(hidden) -e OPENAI_KEY_1=(hidden) sh -c 'export HF_TOKEN=(hidden); exec vllm' -H 'Authorization: Bearer (hidden)'");
}

TEST(Secrets, AreToldByTheNamesOfVariables) {
  for (const char* name : {"OPENAI_KEY_1", "HF_TOKEN", "OPENAI_API_KEY", "db_password", "AWS_CREDENTIALS"}) EXPECT_TRUE(names_a_secret(name)) << name;
  for (const char* name : {"MAX_TOKENS", "OMP_NUM_THREADS", "TOKENIZERS_PARALLELISM", "KEYBOARD"}) EXPECT_FALSE(names_a_secret(name)) << name;
}

}  // namespace
}  // namespace qc
