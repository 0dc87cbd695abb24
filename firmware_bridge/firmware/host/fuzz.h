/* The entries that libFuzzer looks for, and that `fuzz_replay` calls with what a fuzzer has found before. */
#ifndef HOST_FUZZ_H
#define HOST_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Prepare for telling at exit how many scripts were run, and how many bytes they had. */
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* Run one script; returns 0, or ends the program when something is wrong. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
