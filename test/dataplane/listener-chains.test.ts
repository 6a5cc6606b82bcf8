import { expect, it } from 'vitest';
import { Listener } from '../../dataplane/envoy/gen/envoy/config/listener/v3/listener.ts';
import { FilterChain } from '../../dataplane/envoy/gen/envoy/config/listener/v3/listener_components.ts';
import { ListenerChains } from '../../dataplane/serve/listeners/listener-chains.ts';

/** A listener with a chain of the fleet and with these chains of tenants. */
function open(...tenants: string[]) {
  const log: string[] = [];
  const chains = new ListenerChains({
    resend: () => log.push('resend'),
    rejected: (_listener, chain, tenant, message) => log.push(`${tenant}: ${chain}: ${message}`),
    settled: () => {},
  });
  const owned = [undefined, ...tenants].map((owner) => ({
    owner,
    chain: FilterChain.fromPartial({ name: owner ?? 'default' }),
  }));
  const without = () => [...chains.without({ name: 'http-80', base: Listener.fromPartial({}), chains: owned })];
  return { chains, log, without };
}

it('no chain is at fault when Envoy rejects the listener even without the tenants’ chains', () => {
  const { chains, log, without } = open('a', 'b');
  expect(without()).toEqual([]);
  expect(chains.nacked('http-80', 'cannot bind')).toBe(true);
  expect(without()).toEqual(['a', 'b']);
  expect(chains.nacked('http-80', 'cannot bind')).toBe(false);
  // The retry contains the chains again.
  expect(without()).toEqual([]);
  chains.acked('http-80');
  expect(log).toEqual(['resend']);
});

it('chains that Envoy accepted before are no suspects', () => {
  const { chains, without } = open('a');
  without();
  chains.acked('http-80');
  without();
  expect(chains.nacked('http-80', 'cannot bind')).toBe(false);
  expect(without()).toEqual([]);
});

it('a listener with only the fleet’s chains has no suspects', () => {
  const { chains, without } = open();
  expect(without()).toEqual([]);
  expect(chains.nacked('http-80', 'default is bad')).toBe(false);
  expect(chains.of('a')).toEqual([]);
});
