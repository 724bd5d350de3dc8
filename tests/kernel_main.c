/* The walk over all kernels as a program of its own, for processors that are only emulated. */
#include "kernel_walk.h"

int main(void)
{
    int bad = 0;
    uint32_t i = 0;

    for (; ps_kernels_row(i); i++) {
        const ps_kernels *row = ps_kernels_row(i);

        bad += walk_reads(row) + walk_mixes(row) + walk_identity(row) + walk_rest(row) +
               walk_steers(row);
        printf("row %s\n", row->name);
    }
    printf("%u rows, %d differences\n", (unsigned)i, bad);
    return bad != 0 || i < 2;
}
