/* The ways that any C compiler can build; written so that it can use what vectors it has. */
#ifndef PAGESIGHT_PORTABLE_H
#define PAGESIGHT_PORTABLE_H

#include <math.h>
#include <string.h>

#include "_maxsim.h"

enum { PORTABLE_TOKENS = 16 }; /* tokens taken together: the accumulators stay in registers */

/* IEEE 754 half to single precision, exact, subnormals included. */
static inline float widen_half(uint16_t half) {
    uint32_t bits = (uint32_t)(half & 0x7fff) << 13;
    uint32_t exponent = bits & (0x7c00u << 13);
    float value;
    bits += (127 - 15) << 23;
    if (exponent == 0x7c00u << 13) bits += (128 - 16) << 23; /* infinity or NaN */
    if (exponent == 0) bits += 1 << 23; /* subnormal: one too much, taken off below */
    memcpy(&value, &bits, 4);
    if (exponent == 0) value -= 6.103515625e-05f; /* 2^-14 */
    return half & 0x8000 ? -value : value;
}

static int64_t portable_tokens_words_f16(int64_t n_tokens, int64_t dim) {
    return ceil_div(n_tokens, PORTABLE_TOKENS) * PORTABLE_TOKENS * dim;
}

static int64_t portable_tile_words_f16(int64_t dim) { return dim; }

/* (blocks, D, 16) float32; tokens that fill up the last block are zero. */
static void portable_lay_out_f16(Tokens *tokens, const void *query) {
    const float *from = query;
    float *to = (float *)(void *)tokens->words;
    tokens->n_words = tokens->dim;
    for (int64_t t = 0; t < tokens->n_tokens; t++) {
        float *block = to + t / PORTABLE_TOKENS * PORTABLE_TOKENS * tokens->dim;
        for (int64_t d = 0; d < tokens->dim; d++)
            block[d * PORTABLE_TOKENS + t % PORTABLE_TOKENS] = from[t * tokens->dim + d];
    }
}

static void portable_page_f16(const Tokens *tokens, const char *rows, int64_t n_rows,
                              const Scratch *scratch, double *out) {
    const int64_t dim = tokens->dim;
    float *row = (float *)(void *)scratch->tile;
    for (int64_t t = 0; t < tokens->n_tokens; t++) out[t] = -HUGE_VAL;
    for (int64_t r = 0; r < n_rows; r++) {
        for (int64_t d = 0; d < dim; d++) {
            uint16_t half;
            memcpy(&half, rows + 2 * (r * dim + d), 2);
            row[d] = widen_half(half);
        }
        for (int64_t first = 0; first < tokens->n_tokens; first += PORTABLE_TOKENS) {
            const float *block = (const float *)(const void *)tokens->words + first * dim;
            float sums[PORTABLE_TOKENS] = {0};
            for (int64_t d = 0; d < dim; d++)
                for (int t = 0; t < PORTABLE_TOKENS; t++)
                    sums[t] += row[d] * block[d * PORTABLE_TOKENS + t];
            for (int64_t t = first; t < tokens->n_tokens && t < first + PORTABLE_TOKENS; t++)
                if (sums[t - first] > out[t]) out[t] = sums[t - first];
        }
    }
}

static int64_t portable_tokens_words_i8(int64_t n_tokens, int64_t dim) {
    return n_tokens * ceil_div(dim, 2);
}

static int64_t portable_tile_words_i8(int64_t dim) { return ceil_div(dim, 2); }

static inline void widen_bytes(int16_t *to, const int8_t *from, int64_t dim) {
    for (int64_t d = 0; d < dim; d++) to[d] = from[d];
    if (dim % 2) to[dim] = 0;
}

/* (T, D) int16, D padded to even. */
static void portable_lay_out_i8(Tokens *tokens, const void *query) {
    tokens->n_words = ceil_div(tokens->dim, 2);
    for (int64_t t = 0; t < tokens->n_tokens; t++)
        widen_bytes((int16_t *)(void *)(tokens->words + t * tokens->n_words),
                    (const int8_t *)query + t * tokens->dim, tokens->dim);
}

static void portable_page_i8(const Tokens *tokens, const char *rows, int64_t n_rows,
                             const Scratch *scratch, double *out) {
    int16_t *row = (int16_t *)(void *)scratch->tile;
    int32_t *best = (int32_t *)(void *)scratch->best;
    for (int64_t t = 0; t < tokens->n_tokens; t++) best[t] = INT32_MIN;
    for (int64_t r = 0; r < n_rows; r++) {
        widen_bytes(row, (const int8_t *)rows + r * tokens->dim, tokens->dim);
        for (int64_t t = 0; t < tokens->n_tokens; t++) {
            const int16_t *token = (const int16_t *)(const void *)(tokens->words + t * tokens->n_words);
            int32_t sum = 0;
            for (int64_t d = 0; d < 2 * tokens->n_words; d++) sum += (int32_t)row[d] * token[d];
            if (sum > best[t]) best[t] = sum;
        }
    }
    for (int64_t t = 0; t < tokens->n_tokens; t++) out[t] = best[t];
}

static const Way PORTABLE_F16 = {2, 1, portable_tokens_words_f16, portable_tile_words_f16,
                                 portable_lay_out_f16, portable_page_f16};
static const Way PORTABLE_I8 = {1, 1, portable_tokens_words_i8, portable_tile_words_i8,
                                portable_lay_out_i8, portable_page_i8};

#endif
