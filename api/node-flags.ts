/**
 * Flags of the Node that runs the API. Nearly all a request allocates is dead at once, and V8 would let up to 3 × 32 MB of that stay
 * resident; smaller still costs throughput. V8 takes the bound at start only.
 */
export const NODE_FLAGS = ['--max-semi-space-size=8'];
