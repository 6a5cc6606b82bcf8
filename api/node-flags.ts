/**
 * The flags of the Node process that runs the API. V8 reads them only at its start.
 *
 * Nearly all objects of a request are short-lived, and by default V8 keeps up to 3 × 32 MB of them in memory. A limit
 * below 8 MB would cost throughput. By default, V8 also lets the heap grow to four times the used memory before it
 * collects garbage. A growth of 50 % needs less memory, and costs about a tenth of the CPU time.
 */
export const NODE_FLAGS = ['--max-semi-space-size=8', '--heap-growing-percent=50'];
