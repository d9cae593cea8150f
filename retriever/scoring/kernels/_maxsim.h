/* What the ways of scoring a page share.
 *
 * Dimension key: Q queries, T tokens of all queries together, N page vectors, D dim.
 *
 * A "word" is 32 bits of one vector: one float, two int16 or four int8. Every way takes the page's
 * vectors a tile at a time and keeps, per token, the largest similarity seen so far.
 */
#ifndef PAGESIGHT_MAXSIM_H
#define PAGESIGHT_MAXSIM_H

#include <stdint.h>
#include <string.h>

typedef struct {
    int64_t n_tokens; /* T */
    int64_t dim;      /* D */
    int64_t n_words;  /* words of one vector: D padded with zeros to whole words */
    uint32_t *words;  /* the tokens, laid out as the way wants them */
    int32_t *bias;    /* (T,) what the way's integer similarities are too large by */
} Tokens;

typedef struct {
    uint32_t *tile;   /* the vectors at hand, laid out as the way wants them */
    uint32_t *best;   /* (T, lanes) running maxima */
} Scratch;

/* One way of scoring pages of one element type. */
typedef struct {
    int item_bytes;   /* of an element of the page vectors: 2 for float16, 1 for int8 */
    int lanes;        /* running maxima per token */
    /* Sizes in words for T tokens of dim D; called before anything is allocated. */
    int64_t (*tokens_words)(int64_t n_tokens, int64_t dim);
    int64_t (*tile_words)(int64_t dim);
    /* Lays out the query's tokens, (T, D) float32 for float16 pages or int8 for int8 pages. */
    void (*lay_out)(Tokens *tokens, const void *query);
    /* Writes each token's largest similarity to the page's rows (n_rows >= 1) to out (T,). A
     * similarity that is NaN never wins; when all are, out is minus infinity. */
    void (*page)(const Tokens *tokens, const char *rows, int64_t n_rows, const Scratch *scratch,
                 double *out);
} Way;

static inline int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

/* Tokens are taken in blocks of at most `most`, as even as can be: 22 of at most 12 are 11 and 11,
 * so that no register of the last block is idle. */
static inline int64_t block_start(int64_t block, int64_t n_blocks, int64_t n_tokens) {
    return block * (n_tokens / n_blocks) +
           (block < n_tokens % n_blocks ? block : n_tokens % n_blocks);
}

/* Largest of a token's running maxima. */
static inline double largest_float(const uint32_t *best, int lanes) {
    const float *values = (const float *)(const void *)best;
    float largest = values[0];
    for (int i = 1; i < lanes; i++)
        if (values[i] > largest) largest = values[i];
    return largest;
}

static inline double largest_int(const uint32_t *best, int lanes) {
    const int32_t *values = (const int32_t *)(const void *)best;
    int32_t largest = values[0];
    for (int i = 1; i < lanes; i++)
        if (values[i] > largest) largest = values[i];
    return largest;
}

/* One word of a token as float. */
static inline uint32_t float_word(const void *query, int64_t t, int64_t k, int64_t dim) {
    uint32_t word;
    memcpy(&word, (const float *)query + t * dim + k, 4);
    return word;
}

static inline void no_bias(Tokens *tokens, const void *query) {
    (void)query;
    memset(tokens->bias, 0, (size_t)tokens->n_tokens * sizeof(int32_t));
}

#endif
