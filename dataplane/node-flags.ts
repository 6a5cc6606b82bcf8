/**
 * Flags of the Node that runs an agent. Nearly all an agent allocates is dead at once, and V8 would let up to 3 × 16 MB of that
 * stay resident; V8 takes the bound at start only. What survives is small too, yet after a snapshot of 100,000 tenants V8 would keep
 * 180 MB for 50: growing by a quarter only makes that 60, for a sixth more CPU while the snapshot lasts.
 */
export const NODE_FLAGS = ['--max-semi-space-size=4', '--heap-growing-percent=25'];
