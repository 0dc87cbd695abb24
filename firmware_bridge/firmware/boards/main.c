/* The program of a real board. */
#include "../core/loop.h"
#include "layer.h"

int main(void)
{
    layer_start();
    loop_start();
    for (;;) {
        loop_once();
        layer_rest();
    }
}
