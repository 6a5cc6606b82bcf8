import { Listener, Listener_DrainType } from '../../envoy/gen/envoy/config/listener/v3/listener.ts';
import { FilterChain } from '../../envoy/gen/envoy/config/listener/v3/listener_components.ts';
import { connectionManager } from '../manager/index.ts';
import { type CompiledListener, withDefaultChain } from './listener.ts';

/**
 * Builds the probe listener. The agent sends probes through it to read which version of a host's routes Envoy serves.
 *
 * @param path the path of the Unix socket, which Envoy creates with mode 0600: only processes of Envoy's user can open
 *   it
 */
export function probe(path: string): CompiledListener {
  const base = Listener.fromPartial({
    name: 'probe',
    statPrefix: 'probe',
    address: { address: { $case: 'pipe', value: { path, mode: 0o600 } } },
    // Distributes the agent's few connections over all workers, because each worker applies a change independently.
    connectionBalanceConfig: { balanceType: { $case: 'exactBalance', value: {} } },
    // A drained Envoy keeps the agent's connections, so that each probe reaches its worker.
    drainType: Listener_DrainType.MODIFY_ONLY,
    // The limits on visitors must not apply to the agent.
    ignoreGlobalConnLimit: true,
    bypassOverloadManager: true,
  });
  return withDefaultChain(base, FilterChain.fromPartial({ name: 'default', filters: [connectionManager('probe')] }));
}
