import { Listener } from '../../envoy/gen/envoy/config/listener/v3/listener.ts';
import { FilterChain } from '../../envoy/gen/envoy/config/listener/v3/listener_components.ts';
import { connectionManager } from '../manager/index.ts';
import { type CompiledListener, withDefaultChain } from './listener.ts';

/**
 * The listener of the agent's probes, which read through the proxy which version it serves.
 *
 * @param path a Unix socket that only the agent's user can open
 */
export function probe(path: string): CompiledListener {
  const base = Listener.fromPartial({
    name: 'probe',
    statPrefix: 'probe',
    address: { address: { $case: 'pipe', value: { path, mode: 0o600 } } },
    // Spreads the agent's few connections over all workers, each of which applies a change in its own time.
    connectionBalanceConfig: { balanceType: { $case: 'exactBalance', value: {} } },
    // The limit on visitors' connections must not apply to the agent.
    ignoreGlobalConnLimit: true,
  });
  return withDefaultChain(base, FilterChain.fromPartial({ name: 'default', filters: [connectionManager('probe')] }));
}
