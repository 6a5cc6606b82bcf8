import { networkInterfaces } from 'node:os';
import type { Listeners } from '../../../model/fleet.ts';
import type { FleetDescription } from '../../../wire/feed.ts';

/** Addresses that lead to this machine, besides those of its network interfaces. */
const LOCAL = ['127.0.0.0/8', '::1', '0.0.0.0', '::'];

/**
 * Returns the sockets that Envoy opens for visitors, if it runs on this machine. The addresses of a load balancer in
 * front of it are unknown here.
 */
export const ownListeners = ({ ports, portRanges, address = '0.0.0.0' }: FleetDescription): Listeners => ({
  ports,
  ...(portRanges && { portRanges }),
  addresses: ['0.0.0.0', '::'].includes(address) ? [...LOCAL, ...interfaceAddresses()] : [address, '0.0.0.0', '::'],
});

// An IPv6 address may have a zone, such as `fe80::1%eth0`.
const interfaceAddresses = () =>
  Object.values(networkInterfaces()).flatMap((all = []) => all.map(({ address }) => address.split('%')[0]!));
