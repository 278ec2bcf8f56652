qc_fuzzer(study)
