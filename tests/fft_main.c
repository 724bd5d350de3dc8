/* The walk over transforms in float as a program of its own, for processors only emulated. */
#include "fft_walk.h"

int main(void)
{
    const int bad = walk_sizes(4096);

    printf("%d errors too large\n", bad);
    return bad != 0 || !ps_kernels_row(1);
}
