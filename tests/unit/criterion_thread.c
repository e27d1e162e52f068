/* SPDX-License-Identifier: Apache-2.0
 *
 * Lets Criterion's tests run under ThreadSanitizer; linked into them in that
 * build only. Criterion shares memory with the processes of its tests at an
 * address made of rand_r(): 2^45 + 2^24 * (22 bits of it). ThreadSanitizer
 * keeps nearly all of that range for itself and the run ends before it begins
 * ("Could not initialize inheritable arena"). This rand_r answers with what
 * leads to the part that is left to programs, 0x55… to 0x567…. */
#include <stdlib.h>

int
rand_r(unsigned *seed)
{
    *seed = *seed * 1103515245u + 12345u;
    return (int)(0x350000u + (*seed >> 8) % 0x18000u);
}
