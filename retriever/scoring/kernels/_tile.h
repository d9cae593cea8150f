/* A template, included once per instruction set and element type: no include guard.
 *
 * Vectors lie in the lanes of a register and tokens are broadcast, so that a maximum over vectors is
 * one instruction and no register is idle for any number of tokens. A tile holds 2 x LANES vectors,
 * transposed: word k of all of them lies together. MOST tokens x 2 registers of sums stay in
 * registers while the words go by. Which lane holds which vector does not matter to a maximum, and a
 * tile that is not full repeats the page's last vector, which cannot change one.
 *
 * Wanted before: NAME(x), TARGET, VECTOR, LANES, MOST, CHUNK (words that PACK takes at once),
 * WORD_ITEMS, ITEM_BYTES, LOAD, STORE, BROADCAST, ZERO, MULTIPLY_ADD(sum, vectors, token),
 * LARGER(new, old) (old when new is NaN), LOWEST, LARGEST, TOKEN_WORD (one word of a token), SET_BIAS
 * and PACK (transposes CHUNK words of LANES rows).
 */

/* Sums have names, for a compiler keeps an array of so many registers in memory. `t < n_tokens` and
 * `two` are constants wherever this is inlined. */
#define EACH(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11)
/* Bytes of vectors that one word of a full tile stands for: they are fetched for the next tile while
 * this one is multiplied, for the processor's own prefetching ends with each burst of loads. */
#define AHEAD_BYTES (2 * LANES * WORD_ITEMS * ITEM_BYTES)
#define SUMS(t) VECTOR a##t = ZERO(), b##t = ZERO();
#define ADD(t)                                                   \
    if (t < n_tokens) {                                          \
        const VECTOR one = BROADCAST(token + t);                 \
        a##t = MULTIPLY_ADD(a##t, vectors_a, one);               \
        if (two) b##t = MULTIPLY_ADD(b##t, vectors_b, one);      \
    }
#define KEEP(t)                                                                   \
    if (t < n_tokens) {                                                           \
        VECTOR most = LARGER(a##t, LOAD(best + t * LANES));                       \
        if (two) most = LARGER(b##t, most);                                       \
        STORE(best + t * LANES, most);                                            \
    }

static inline __attribute__((always_inline)) TARGET void NAME(block)(
    const uint32_t *tile, const uint32_t *token, int64_t n_words, uint32_t *best, const char *ahead,
    const int n_tokens, const int two) {
    EACH(SUMS)
    for (int64_t k = 0; k < n_words; k++) {
        for (int line = 0; line < AHEAD_BYTES; line += 64) __builtin_prefetch(ahead + line, 0, 2);
        ahead += AHEAD_BYTES;
        const VECTOR vectors_a = LOAD(tile), vectors_b = two ? LOAD(tile + LANES) : vectors_a;
        EACH(ADD)
        tile += (1 + two) * LANES;
        token += n_tokens;
    }
    EACH(KEEP)
}
#undef EACH
#undef AHEAD_BYTES
#undef SUMS
#undef ADD
#undef KEEP

/* One copy of the block for every number of tokens and of registers, with all loops unrolled. */
static TARGET void NAME(blocks)(const uint32_t *tile, const uint32_t *token, int64_t n_words,
                                uint32_t *best, const char *ahead, int64_t n_tokens,
                                int n_registers) {
#define CASE(n)                                                                          \
    case n:                                                                              \
        if (n_registers == 2) NAME(block)(tile, token, n_words, best, ahead, n, 1);           \
        else NAME(block)(tile, token, n_words, best, ahead, n, 0);                              \
        break;
    switch (n_tokens) {
        CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6)
#if MOST > 6
        CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12)
#endif
    }
#undef CASE
}

static int64_t NAME(tokens_words)(int64_t n_tokens, int64_t dim) {
    return n_tokens * ceil_div(dim, WORD_ITEMS);
}

static int64_t NAME(tile_words)(int64_t dim) {
    return ceil_div(ceil_div(dim, WORD_ITEMS), CHUNK) * CHUNK * 2 * LANES;
}

/* Blocks of tokens; in a block, word k of all its tokens lies together. */
static void NAME(lay_out)(Tokens *tokens, const void *query) {
    const int64_t n_blocks = ceil_div(tokens->n_tokens, MOST);
    uint32_t *to = tokens->words;
    tokens->n_words = ceil_div(tokens->dim, WORD_ITEMS);
    SET_BIAS(tokens, query);
    for (int64_t b = 0; b < n_blocks; b++) {
        const int64_t first = block_start(b, n_blocks, tokens->n_tokens);
        const int64_t last = block_start(b + 1, n_blocks, tokens->n_tokens);
        for (int64_t k = 0; k < tokens->n_words; k++)
            for (int64_t t = first; t < last; t++) *to++ = TOKEN_WORD(query, t, k, tokens->dim);
    }
}

static TARGET void NAME(page)(const Tokens *tokens, const char *rows, int64_t n_rows,
                              const Scratch *scratch, double *out) {
    const int64_t row_bytes = tokens->dim * ITEM_BYTES;
    const int64_t n_blocks = ceil_div(tokens->n_tokens, MOST);
    for (int64_t t = 0; t < tokens->n_tokens; t++) STORE(scratch->best + t * LANES, LOWEST());
    for (int64_t done = 0; done < n_rows; done += 2 * LANES) {
        const int n_registers = n_rows - done > LANES ? 2 : 1;
        for (int m = 0; m < n_registers; m++) {
            const char *lane_rows[LANES];
            for (int i = 0; i < LANES; i++) {
                const int64_t row = done + m * LANES + i;
                lane_rows[i] = rows + (row < n_rows ? row : n_rows - 1) * row_bytes;
            }
            for (int64_t k = 0; k < tokens->n_words; k += CHUNK)
                PACK(scratch->tile + (k * n_registers + m) * LANES, n_registers * LANES, lane_rows,
                     k * WORD_ITEMS * ITEM_BYTES, row_bytes);
        }
        const uint32_t *token = tokens->words;
        for (int64_t b = 0; b < n_blocks; b++) {
            const int64_t first = block_start(b, n_blocks, tokens->n_tokens);
            const int64_t last = block_start(b + 1, n_blocks, tokens->n_tokens);
            NAME(blocks)(scratch->tile, token, tokens->n_words, scratch->best + first * LANES,
                         rows + (done + 2 * LANES) * row_bytes, last - first, n_registers);
            token += (last - first) * tokens->n_words;
        }
    }
    for (int64_t t = 0; t < tokens->n_tokens; t++)
        out[t] = LARGEST(scratch->best + t * LANES, LANES) - tokens->bias[t];
}

static const Way NAME(way) = {ITEM_BYTES, LANES, NAME(tokens_words), NAME(tile_words),
                              NAME(lay_out), NAME(page)};

#undef NAME
#undef TARGET
#undef VECTOR
#undef LANES
#undef MOST
#undef CHUNK
#undef WORD_ITEMS
#undef ITEM_BYTES
#undef LOAD
#undef STORE
#undef BROADCAST
#undef ZERO
#undef MULTIPLY_ADD
#undef LARGER
#undef LOWEST
#undef LARGEST
#undef TOKEN_WORD
#undef SET_BIAS
#undef PACK
