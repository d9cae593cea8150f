/* AVX-512 with BW and VL; int8 by VNNI. */
#ifndef PAGESIGHT_AVX512_H
#define PAGESIGHT_AVX512_H

#include "_avx2.h"

#define AVX512 __attribute__((target("avx2,f16c,fma,avx512f,avx512bw,avx512vl")))
#define VNNI __attribute__((target("avx2,f16c,fma,avx512f,avx512bw,avx512vl,avx512vnni")))

static int has_avx512(void) {
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl");
}

static int has_vnni(void) { return has_avx512() && __builtin_cpu_supports("avx512vnni"); }

/* 16 rows of 16 words into 16 columns, stored `stride` words apart. */
INLINE AVX512 void transpose_16(uint32_t *to, int64_t stride, const __m512i row[16]) {
    __m512i pair[16], quad[16];
#pragma GCC unroll 8
    for (int i = 0; i < 16; i += 2) {
        pair[i] = _mm512_unpacklo_epi32(row[i], row[i + 1]);
        pair[i + 1] = _mm512_unpackhi_epi32(row[i], row[i + 1]);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 16; i += 4) { /* lane l of quad[i + j]: column 4l + j of rows i..i + 3 */
        quad[i] = _mm512_unpacklo_epi64(pair[i], pair[i + 2]);
        quad[i + 1] = _mm512_unpackhi_epi64(pair[i], pair[i + 2]);
        quad[i + 2] = _mm512_unpacklo_epi64(pair[i + 1], pair[i + 3]);
        quad[i + 3] = _mm512_unpackhi_epi64(pair[i + 1], pair[i + 3]);
    }
#pragma GCC unroll 4
    for (int j = 0; j < 4; j++) {
        const __m512i even_a = _mm512_shuffle_i32x4(quad[j], quad[4 + j], 0x88);
        const __m512i even_b = _mm512_shuffle_i32x4(quad[8 + j], quad[12 + j], 0x88);
        const __m512i odd_a = _mm512_shuffle_i32x4(quad[j], quad[4 + j], 0xdd);
        const __m512i odd_b = _mm512_shuffle_i32x4(quad[8 + j], quad[12 + j], 0xdd);
        _mm512_storeu_si512(to + j * stride, _mm512_shuffle_i32x4(even_a, even_b, 0x88));
        _mm512_storeu_si512(to + (4 + j) * stride, _mm512_shuffle_i32x4(odd_a, odd_b, 0x88));
        _mm512_storeu_si512(to + (8 + j) * stride, _mm512_shuffle_i32x4(even_a, even_b, 0xdd));
        _mm512_storeu_si512(to + (12 + j) * stride, _mm512_shuffle_i32x4(odd_a, odd_b, 0xdd));
    }
}

/* A row's next items; what is past its end is zero and is not read. A whole register is loaded
 * without the mask: a load that is masked by bytes is several times slower on some processors. */
INLINE AVX512 __m256i load_16_halves(const char *from, int64_t left) {
    if (left >= 16) return _mm256_loadu_si256((const __m256i *)(const void *)from);
    return _mm256_maskz_loadu_epi16((__mmask16)((1u << left) - 1), from);
}

INLINE AVX512 __m512i load_64_bytes(const char *from, int64_t left) {
    if (left >= 64) return _mm512_loadu_si512(from);
    return _mm512_maskz_loadu_epi8((1ull << left) - 1, from);
}

static AVX512 void pack_f16_avx512(uint32_t *to, int64_t stride, const char *const rows[16],
                                   int64_t first, int64_t row_bytes) {
    __m512i row[16];
#pragma GCC unroll 16
    for (int i = 0; i < 16; i++)
        row[i] = _mm512_castps_si512(
            _mm512_cvtph_ps(load_16_halves(rows[i] + first, (row_bytes - first) / 2)));
    transpose_16(to, stride, row);
}

static AVX512 void pack_i8_avx512(uint32_t *to, int64_t stride, const char *const rows[16],
                                  int64_t first, int64_t row_bytes) {
    const __m512i high_bits = _mm512_set1_epi8((char)0x80);
    __m512i row[16];
#pragma GCC unroll 16
    for (int i = 0; i < 16; i++)
        row[i] = _mm512_xor_si512(load_64_bytes(rows[i] + first, row_bytes - first), high_bits);
    transpose_16(to, stride, row);
}

/* Not the intrinsic: with two dozen sums GCC 12 copies and spills every one of them in every step. */
INLINE VNNI __m512i multiply_add_i8(__m512i sum, __m512i vectors, __m512i token) {
    __asm__("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(vectors), "v"(token));
    return sum;
}

#define NAME(x) x##_f16_avx512
#define TARGET AVX512
#define VECTOR __m512
#define LANES 16
#define MOST 12
#define CHUNK 16
#define WORD_ITEMS 1
#define ITEM_BYTES 2
#define LOAD(from) _mm512_loadu_ps(from)
#define STORE(to, vector) _mm512_storeu_ps(to, vector)
#define BROADCAST(from) _mm512_castsi512_ps(_mm512_set1_epi32((int)*(from)))
#define ZERO _mm512_setzero_ps
#define MULTIPLY_ADD(sum, vectors, token) _mm512_fmadd_ps(vectors, token, sum)
#define LARGER(new, old) _mm512_max_ps(new, old)
#define LOWEST() _mm512_set1_ps(-__builtin_inff())
#define LARGEST largest_float
#define TOKEN_WORD float_word
#define SET_BIAS no_bias
#define PACK pack_f16_avx512
#include "_tile.h"

#define NAME(x) x##_i8_vnni
#define TARGET VNNI
#define VECTOR __m512i
#define LANES 16
#define MOST 12
#define CHUNK 16
#define WORD_ITEMS 4
#define ITEM_BYTES 1
#define LOAD(from) _mm512_loadu_si512(from)
#define STORE(to, vector) _mm512_storeu_si512(to, vector)
#define BROADCAST(from) _mm512_set1_epi32((int)*(from))
#define ZERO _mm512_setzero_si512
#define MULTIPLY_ADD(sum, vectors, token) multiply_add_i8(sum, vectors, token)
#define LARGER(new, old) _mm512_max_epi32(new, old)
#define LOWEST() _mm512_set1_epi32(INT32_MIN)
#define LARGEST largest_int
#define TOKEN_WORD int8_quad
#define SET_BIAS bias_of_128
#define PACK pack_i8_avx512
#include "_tile.h"

#endif
