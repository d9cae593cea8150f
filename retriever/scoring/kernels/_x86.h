/* What the ways for x86-64 share.
 *
 * Every function carries its own target, so that the file is built for any x86-64 and the processor
 * is asked at run time.
 */
#ifndef PAGESIGHT_X86_H
#define PAGESIGHT_X86_H

#include <cpuid.h>
#include <immintrin.h>

#include "_maxsim.h"

#define INLINE static inline __attribute__((always_inline))

/* A word of a token as two int16 or four int8; what is past the token's end is zero. */
INLINE uint32_t int16_pair(const void *query, int64_t t, int64_t k, int64_t dim) {
    const int8_t *token = (const int8_t *)query + t * dim;
    const uint32_t high = 2 * k + 1 < dim ? (uint16_t)(int16_t)token[2 * k + 1] : 0;
    return high << 16 | (uint16_t)(int16_t)token[2 * k];
}

INLINE uint32_t int8_quad(const void *query, int64_t t, int64_t k, int64_t dim) {
    uint32_t word = 0;
    memcpy(&word, (const int8_t *)query + t * dim + 4 * k, dim - 4 * k < 4 ? dim - 4 * k : 4);
    return word;
}

/* vpdpbusd multiplies unsigned by signed: the page's bytes are taken 128 too large, which adds
 * 128 x the sum of the token to every similarity of that token, exactly. */
static void bias_of_128(Tokens *tokens, const void *query) {
    const int8_t *token = query;
    for (int64_t t = 0; t < tokens->n_tokens; t++, token += tokens->dim) {
        int32_t sum = 0;
        for (int64_t d = 0; d < tokens->dim; d++) sum += token[d];
        tokens->bias[t] = 128 * sum;
    }
}

#endif
