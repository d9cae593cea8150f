/* AVX2, with F16C and FMA; and int8 by VNNI where a processor has that without AVX-512. */
#ifndef PAGESIGHT_AVX2_H
#define PAGESIGHT_AVX2_H

#include "_portable.h"
#include "_x86.h"

#define AVX2 __attribute__((target("avx2,f16c,fma")))

static int has_avx2(void) {
    unsigned a, b, c, d;
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
           __get_cpuid(1, &a, &b, &c, &d) && (c & bit_F16C);
}

/* 8 rows of 8 words into 8 columns, stored `stride` words apart. */
INLINE AVX2 void transpose_8(uint32_t *to, int64_t stride, const __m256i row[8]) {
    __m256i pair[8], quad[8];
#pragma GCC unroll 4
    for (int i = 0; i < 8; i += 2) {
        pair[i] = _mm256_unpacklo_epi32(row[i], row[i + 1]);
        pair[i + 1] = _mm256_unpackhi_epi32(row[i], row[i + 1]);
    }
#pragma GCC unroll 2
    for (int i = 0; i < 8; i += 4) {
        quad[i] = _mm256_unpacklo_epi64(pair[i], pair[i + 2]);
        quad[i + 1] = _mm256_unpackhi_epi64(pair[i], pair[i + 2]);
        quad[i + 2] = _mm256_unpacklo_epi64(pair[i + 1], pair[i + 3]);
        quad[i + 3] = _mm256_unpackhi_epi64(pair[i + 1], pair[i + 3]);
    }
#pragma GCC unroll 4
    for (int j = 0; j < 4; j++) {
        _mm256_storeu_si256((__m256i *)(void *)(to + j * stride),
                            _mm256_permute2x128_si256(quad[j], quad[4 + j], 0x20));
        _mm256_storeu_si256((__m256i *)(void *)(to + (4 + j) * stride),
                            _mm256_permute2x128_si256(quad[j], quad[4 + j], 0x31));
    }
}

/* 16 bytes of a row; what is past its end is zero and is not read. */
INLINE AVX2 __m128i load_16(const char *from, int64_t left) {
    if (left >= 16) return _mm_loadu_si128((const __m128i *)(const void *)from);
    char bytes[16] = {0};
    memcpy(bytes, from, (size_t)left);
    return _mm_loadu_si128((const __m128i *)(const void *)bytes);
}

static AVX2 void widen_avx2(float *to, const uint16_t *from, int64_t n) {
    int64_t i = 0;
    for (; i + 8 <= n; i += 8)
        _mm256_storeu_ps(to + i,
                         _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(const void *)(from + i))));
    widen_portable(to + i, from + i, n - i);
}

static AVX2 void pack_f16_avx2(uint32_t *to, int64_t stride, const char *const rows[8],
                               int64_t first, int64_t row_bytes) {
    __m256i row[8];
#pragma GCC unroll 8
    for (int i = 0; i < 8; i++)
        row[i] = _mm256_castps_si256(_mm256_cvtph_ps(load_16(rows[i] + first, row_bytes - first)));
    transpose_8(to, stride, row);
}

static AVX2 void pack_i8_avx2(uint32_t *to, int64_t stride, const char *const rows[8],
                              int64_t first, int64_t row_bytes) {
    __m256i row[8];
#pragma GCC unroll 8
    for (int i = 0; i < 8; i++)
        row[i] = _mm256_cvtepi8_epi16(load_16(rows[i] + first, row_bytes - first));
    transpose_8(to, stride, row);
}

/* Not intrinsics: with those GCC 12 multiplies for all tokens before it adds, and spills. */
INLINE AVX2 __m256i multiply_add_i16(__m256i sum, __m256i vectors, __m256i token) {
    __m256i products;
    __asm__("vpmaddwd %3, %2, %1\n\tvpaddd %1, %0, %0"
            : "+x"(sum), "=&x"(products)
            : "x"(vectors), "x"(token));
    return sum;
}

#define NAME(x) x##_f16_avx2
#define TARGET AVX2
#define VECTOR __m256
#define LANES 8
#define MOST 6
#define CHUNK 8
#define WORD_ITEMS 1
#define ITEM_BYTES 2
#define LOAD(from) _mm256_loadu_ps((const float *)(const void *)(from))
#define STORE(to, vector) _mm256_storeu_ps((float *)(void *)(to), vector)
#define BROADCAST(from) _mm256_broadcast_ss((const float *)(const void *)(from))
#define ZERO _mm256_setzero_ps
#define MULTIPLY_ADD(sum, vectors, token) _mm256_fmadd_ps(vectors, token, sum)
#define LARGER(new, old) _mm256_max_ps(new, old)
#define LOWEST() _mm256_set1_ps(-__builtin_inff())
#define LARGEST largest_float
#define TOKEN_WORD float_word
#define SET_BIAS no_bias
#define PACK pack_f16_avx2
#include "_tile.h"

#define NAME(x) x##_i8_avx2
#define TARGET AVX2
#define VECTOR __m256i
#define LANES 8
#define MOST 6
#define CHUNK 8
#define WORD_ITEMS 2
#define ITEM_BYTES 1
#define LOAD(from) _mm256_loadu_si256((const __m256i *)(const void *)(from))
#define STORE(to, vector) _mm256_storeu_si256((__m256i *)(void *)(to), vector)
#define BROADCAST(from) _mm256_set1_epi32((int)*(from))
#define ZERO _mm256_setzero_si256
#define MULTIPLY_ADD(sum, vectors, token) multiply_add_i16(sum, vectors, token)
#define LARGER(new, old) _mm256_max_epi32(new, old)
#define LOWEST() _mm256_set1_epi32(INT32_MIN)
#define LARGEST largest_int
#define TOKEN_WORD int16_pair
#define SET_BIAS no_bias
#define PACK pack_i8_avx2
#include "_tile.h"

/* The compiler is new enough to write the instruction. */
#if defined(__has_include)
#if __has_include(<avxvnniintrin.h>)
#define HAS_AVX2_VNNI

static int has_avx2_vnni(void) {
    unsigned a, b, c, d;
    return has_avx2() && __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a & 1u << 4);
}

static AVX2 void pack_i8_avx2_vnni(uint32_t *to, int64_t stride, const char *const rows[8],
                                   int64_t first, int64_t row_bytes) {
    const __m256i high_bits = _mm256_set1_epi8((char)0x80);
    __m256i row[8];
#pragma GCC unroll 8
    for (int i = 0; i < 8; i++) {
        const char *from = rows[i] + first;
        const int64_t left = row_bytes - first;
        const __m128i high = left > 16 ? load_16(from + 16, left - 16) : _mm_setzero_si128();
        row[i] = _mm256_xor_si256(_mm256_set_m128i(high, load_16(from, left)), high_bits);
    }
    transpose_8(to, stride, row);
}

INLINE AVX2 __m256i multiply_add_i8_avx2(__m256i sum, __m256i vectors, __m256i token) {
    __asm__("%{vex%} vpdpbusd %2, %1, %0" : "+x"(sum) : "x"(vectors), "x"(token));
    return sum;
}

#define NAME(x) x##_i8_avx2_vnni
#define TARGET AVX2
#define VECTOR __m256i
#define LANES 8
#define MOST 6
#define CHUNK 8
#define WORD_ITEMS 4
#define ITEM_BYTES 1
#define LOAD(from) _mm256_loadu_si256((const __m256i *)(const void *)(from))
#define STORE(to, vector) _mm256_storeu_si256((__m256i *)(void *)(to), vector)
#define BROADCAST(from) _mm256_set1_epi32((int)*(from))
#define ZERO _mm256_setzero_si256
#define MULTIPLY_ADD(sum, vectors, token) multiply_add_i8_avx2(sum, vectors, token)
#define LARGER(new, old) _mm256_max_epi32(new, old)
#define LOWEST() _mm256_set1_epi32(INT32_MIN)
#define LARGEST largest_int
#define TOKEN_WORD int8_quad
#define SET_BIAS bias_of_128
#define PACK pack_i8_avx2_vnni
#include "_tile.h"
#endif
#endif

#endif
