/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a classic BPF program on a packet as the kernel does (net/core/filter.c), for the
 * instructions that ipvs_tap_wire.c uses; any other one, and any jump that leads out of the
 * program, gives -1.
 */
#pragma once

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

/* The value of the return instruction; protocol is what SKF_AD_PROTOCOL loads. */
static inline int64_t bpf_run(const struct sock_filter *code, size_t n, uint32_t protocol,
			      const uint8_t *packet, size_t len)
{
	uint32_t a = 0, x = 0;

	for (size_t at = 0; at < n; at++) {
		const struct sock_filter *f = &code[at];
		size_t size = BPF_SIZE(f->code) == BPF_W ? 4 : BPF_SIZE(f->code) == BPF_H ? 2 : 1;
		uint32_t operand = BPF_SRC(f->code) == BPF_X ? x : f->k;

		switch (BPF_CLASS(f->code)) {
		case BPF_LD:
			if (BPF_MODE(f->code) == BPF_LEN) {
				a = (uint32_t)len;
			} else if (BPF_MODE(f->code) != BPF_ABS) {
				return -1;
			} else if (f->k == (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL)) {
				a = protocol;
			} else {
				if (f->k > len || len - f->k < size)
					return 0; /* a load beyond the end drops */
				a = 0;
				for (size_t i = 0; i < size; i++)
					a = a << 8 | packet[f->k + i];
			}
			break;
		case BPF_ALU:
			if (BPF_OP(f->code) == BPF_OR)
				a |= operand;
			else if (BPF_OP(f->code) == BPF_LSH && operand < 32)
				a <<= operand;
			else
				return -1;
			break;
		case BPF_JMP:
			if (BPF_OP(f->code) == BPF_JEQ)
				at += a == operand ? f->jt : f->jf;
			else if (BPF_OP(f->code) == BPF_JGT)
				at += a > operand ? f->jt : f->jf;
			else if (BPF_OP(f->code) == BPF_JSET)
				at += a & operand ? f->jt : f->jf;
			else
				return -1;
			break;
		case BPF_MISC:
			if (BPF_MISCOP(f->code) != BPF_TAX)
				return -1;
			x = a;
			break;
		case BPF_RET:
			return BPF_RVAL(f->code) == BPF_K ? (int64_t)f->k : -1;
		default:
			return -1;
		}
	}
	return -1;
}
