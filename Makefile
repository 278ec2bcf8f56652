# Two commands matter: `make demo` and `make test`. Each does its own set-up. The work is in scripts/.
.DEFAULT_GOAL := help
.PHONY: help demo test test-vllm build deps tidy fuzz bench gpu-pack llama-native llama-quick clean
export FULL MODEL

help:
	@echo 'make demo              a case study of a small model, measured on this machine (first run at most 19 minutes, then 12)'
	@echo 'make demo FULL=1       the same with answers of full length (at most 22 minutes)'
	@echo 'make demo MODEL=FILE   the same with a BF16 or F16 GGUF file of your own'
	@echo 'make test              all tests; the last line counts them'
	@echo 'make test-vllm         vLLM on this CPU: set-up (2.9 GB in the cache), checkpoints, its tests, and studies/cpu-vllm.toml (at most 15 minutes)'
	@echo 'make build             the program, build/release/quantcase'
	@echo 'make deps              packages, third-party sources and llama.cpp alone; demo, test and build do it themselves'
	@echo 'make tidy              clang-tidy over src/, each finding an error (about 10 minutes)'
	@echo 'make fuzz              the fuzzers of the parsers, a minute each (installs clang)'
	@echo 'make bench             checks of our own cost and of the engine build'
	@echo 'make gpu-pack          what a GPU machine without a network needs to run the studies of bench/gpu, into .gpu/'
	@echo 'make llama-native      llama.cpp wholly from source (about 10 minutes), used from then on; make llama-quick goes back'
	@echo 'make clean             removes build/; what is slow to make stays in $${XDG_CACHE_HOME:-~/.cache}/quantcase'

demo:
	@scripts/demo.sh
test:
	@scripts/test.sh
test-vllm:
	@scripts/test_vllm.sh
build:
	@scripts/setup.sh
	@scripts/build.sh release quantcase quantcase-regauge
deps:
	@scripts/setup.sh
tidy:
	@scripts/tidy.sh
fuzz:
	@scripts/fuzz.sh
bench:
	@bench/run.sh
gpu-pack:
	@bench/gpu/pack.sh
	@bench/gpu/vllm_pack.sh
llama-native:
	@scripts/deps.sh
	@scripts/llama.sh native
llama-quick:
	@scripts/deps.sh
	@scripts/llama.sh quick
clean:
	rm -rf build
