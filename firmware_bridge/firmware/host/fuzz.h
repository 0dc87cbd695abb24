/* The entry that libFuzzer looks for, and that `fuzz_replay` calls with what a fuzzer has found before. */
#ifndef HOST_FUZZ_H
#define HOST_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Run one script; returns 0, or ends the program when something is wrong. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
