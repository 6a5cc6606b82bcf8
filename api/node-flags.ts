/**
 * Flags of the Node process that runs the API. V8 reads them only at start. Nearly all objects that a request allocates
 * are short-lived, and V8 would keep up to 3 × 32 MB of them resident; a limit below 8 costs throughput. V8 would also
 * let the heap grow to four times the memory in use before it collects. Growing by half is enough, for a tenth of the
 * CPU.
 */
export const NODE_FLAGS = ['--max-semi-space-size=8', '--heap-growing-percent=50'];
