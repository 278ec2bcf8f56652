qc_fuzzer(client)
