// openblas LIBRARY: times matrix products of OpenBLAS on demand. It answers a line
//
//	type routine m n k transA transB repeats
//
// (type s or d, routine gemm or gemv, transposes 0 or 1) with the nanoseconds of a call.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROW_MAJOR = 101, NO_TRANS = 111, TRANS = 112 };

// Integers of 64 bits suit builds of either kind: on the machines that matter a callee that
// wants 32 reads the lower half.
typedef int64_t n_t;
typedef void gemm_s(int, int, int, n_t, n_t, n_t, float, const void *, n_t, const void *, n_t, float, void *, n_t);
typedef void gemm_d(int, int, int, n_t, n_t, n_t, double, const void *, n_t, const void *, n_t, double, void *, n_t);
typedef void gemv_s(int, int, n_t, n_t, float, const void *, n_t, const void *, n_t, float, void *, n_t);
typedef void gemv_d(int, int, n_t, n_t, double, const void *, n_t, const void *, n_t, double, void *, n_t);

static void *lib;

static void *find(const char *name) {
	char other[64];
	void *f = dlsym(lib, name);
	if (f) return f;
	snprintf(other, sizeof other, "scipy_%s64_", name); // as in NumPy's wheels
	return dlsym(lib, other);
}

static void *array(size_t elements, size_t size) {
	void *p;
	if (posix_memalign(&p, 64, elements * size + 64)) exit(1);
	for (size_t i = 0; i < elements; i++) {
		double v = (double)(i * 7919 % 1000) / 1000 - 0.5;
		if (size == 4) ((float *)p)[i] = v;
		else ((double *)p)[i] = v;
	}
	return p;
}

static double now(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

int main(int argc, char **argv) {
	if (argc < 2 || !(lib = dlopen(argv[1], RTLD_NOW))) {
		printf("error %s\n", argc < 2 ? "no library" : dlerror());
		return 1;
	}
	void (*threads)(int) = find("openblas_set_num_threads");
	char *(*core)(void) = find("openblas_get_corename");
	if (!find("cblas_sgemm") || !threads || !core) {
		printf("error %s is not OpenBLAS\n", argv[1]);
		return 1;
	}
	threads(1);
	printf("ready OpenBLAS (%s)\n", core());
	fflush(stdout);

	char type, routine[8], name[16];
	long m, n, k, ta, tb, repeats;
	while (scanf(" %c %7s %ld %ld %ld %ld %ld %ld", &type, routine, &m, &n, &k, &ta, &tb, &repeats) == 8) {
		snprintf(name, sizeof name, "cblas_%c%s", type, routine);
		void *f = find(name);
		if (!f) {
			printf("error no %s\n", name);
			fflush(stdout);
			continue;
		}
		size_t size = type == 's' ? 4 : 8;
		void *a = array(m * k, size), *b = array(k * n, size), *c = array(m * n, size);
		n_t lda = ta ? m : k, ldb = tb ? k : n;
		int A = ta ? TRANS : NO_TRANS, B = tb ? TRANS : NO_TRANS;
		double start = 0;
		for (long i = -2; i < repeats; i++) {
			if (i == 0) start = now();
			if (!strcmp(routine, "gemm")) {
				if (size == 4) ((gemm_s *)f)(ROW_MAJOR, A, B, m, n, k, 1, a, lda, b, ldb, 0, c, n);
				else ((gemm_d *)f)(ROW_MAJOR, A, B, m, n, k, 1, a, lda, b, ldb, 0, c, n);
			} else { // one row of a: c = op(b)^T a
				int t = tb ? NO_TRANS : TRANS;
				n_t rows = tb ? n : k, cols = tb ? k : n;
				if (size == 4) ((gemv_s *)f)(ROW_MAJOR, t, rows, cols, 1, b, cols, a, 1, 0, c, 1);
				else ((gemv_d *)f)(ROW_MAJOR, t, rows, cols, 1, b, cols, a, 1, 0, c, 1);
			}
		}
		printf("%.1f\n", (now() - start) / repeats);
		fflush(stdout);
		free(a), free(b), free(c);
	}
	return 0;
}
