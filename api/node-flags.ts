/**
 * Flags of the Node that runs the API; V8 takes them at start only. Nearly all a request allocates is dead at once, and V8 would let up to
 * 3 × 32 MB of that stay resident; smaller than 8 costs throughput. And it would let four times what is in use lie about before it
 * collects: half more than what is in use is enough, for a tenth of the CPU.
 */
export const NODE_FLAGS = ['--max-semi-space-size=8', '--heap-growing-percent=50'];
