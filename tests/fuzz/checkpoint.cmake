qc_fuzzer(checkpoint)
