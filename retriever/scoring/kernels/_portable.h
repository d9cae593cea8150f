/* The ways that any C compiler can build; written so that it can use what vectors it has. */
#ifndef PAGESIGHT_PORTABLE_H
#define PAGESIGHT_PORTABLE_H

#include "_maxsim.h"

/* Four floats: SSE2, NEON, or what the compiler makes of it. */
typedef float floats __attribute__((vector_size(16), may_alias));
typedef int32_t ints __attribute__((vector_size(16), may_alias));

/* IEEE 754 half to single precision, exact; without a branch, and without arithmetic on subnormals,
 * which a thread may have set to be zero. */
static inline floats widen_halves(const uint16_t *from) {
    typedef uint16_t shorts __attribute__((vector_size(8)));
    shorts halves;
    memcpy(&halves, from, sizeof halves);
    const ints whole = __builtin_convertvector(halves, ints);
    const ints bits = (whole & 0x7fff) << 13;
    const ints exponent = bits & (0x7c00 << 13);
    const ints normal = bits + ((127 - 15) << 23) +
                        ((exponent == 0x7c00 << 13) & ((128 - 16) << 23)); /* infinity, NaN */
    const floats one_too_much = (floats)(bits + ((128 - 15) << 23));
    const ints subnormal = (ints)(one_too_much - 0x1p-14f);
    const ints is_small = exponent == 0;
    return (floats)((is_small & subnormal) | (~is_small & normal) | (whole & 0x8000) << 16);
}

static void widen_portable(float *to, const uint16_t *from, int64_t n) {
    for (int64_t i = 0; i < n; i += 4) {
        uint16_t halves[4] = {0};
        const size_t left = n - i < 4 ? (size_t)(n - i) : 4;
        memcpy(halves, from + i, left * sizeof *from);
        const floats wide = widen_halves(halves);
        memcpy(to + i, &wide, left * sizeof *to);
    }
}

static inline floats four_of(const uint32_t *from) {
    float value;
    memcpy(&value, from, 4);
    return (floats){value, value, value, value};
}

static inline floats larger_floats(floats new, floats old) {
    const ints is_larger = new > old;
    return (floats)((is_larger & (ints)new) | (~is_larger & (ints)old));
}

static void pack_f16_portable(uint32_t *to, int64_t stride, const char *const rows[4],
                              int64_t first, int64_t row_bytes) {
    for (int i = 0; i < 4; i++) {
        uint16_t halves[8] = {0};
        floats wide[2];
        memcpy(halves, rows[i] + first, (size_t)(row_bytes - first < 16 ? row_bytes - first : 16));
        for (int half = 0; half < 2; half++) wide[half] = widen_halves(halves + 4 * half);
        for (int k = 0; k < 8; k++) memcpy(to + k * stride + i, (const char *)wide + 4 * k, 4);
    }
}

#define NAME(x) x##_f16_portable
#define TARGET
#define VECTOR floats
#define LANES 4
#define MOST 6
#define CHUNK 8
#define WORD_ITEMS 1
#define ITEM_BYTES 2
#define LOAD(from) (*(const floats *)(const void *)(from))
#define STORE(to, vector) (*(floats *)(void *)(to) = (vector))
#define BROADCAST(from) four_of(from)
#define ZERO() ((floats){0})
#define MULTIPLY_ADD(sum, vectors, token) ((sum) + (vectors) * (token))
#define LARGER(new, old) larger_floats(new, old)
#define LOWEST() ((floats){0} - __builtin_inff())
#define LARGEST largest_float
#define TOKEN_WORD float_word
#define SET_BIAS no_bias
#define PACK pack_f16_portable
#include "_tile.h"

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

static const Way PORTABLE_I8 = {1, 1, portable_tokens_words_i8, portable_tile_words_i8,
                                portable_lay_out_i8, portable_page_i8};

#endif
