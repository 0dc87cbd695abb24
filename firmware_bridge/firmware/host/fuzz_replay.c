/* Runs the scripts in the named files; needs no fuzzer. Tells how many there were and how many bytes they have. */
#include <stdio.h>

#include "fuzz.h"

enum { SCRIPT_MAX = 65536 };

int main(int count, char **paths)
{
    static uint8_t script[SCRIPT_MAX];
    if (LLVMFuzzerInitialize(&count, &paths))
        return 2;
    for (int k = 1; k < count; k++) {
        FILE *file = fopen(paths[k], "rb");
        if (!file) {
            perror(paths[k]);
            return 2;
        }
        size_t size = fread(script, 1, sizeof script, file);
        fclose(file);
        fprintf(stderr, "%s\n", paths[k]); /* the last one is the culprit */
        LLVMFuzzerTestOneInput(script, size);
    }
    return 0;
}
