/**
 * Flags of the Node that runs an agent. Nearly all an agent allocates is dead at once, and V8 would let up to 3 × 16 MB of that
 * stay resident; V8 takes the bound at start only.
 */
export const NODE_FLAGS = ['--max-semi-space-size=4'];
