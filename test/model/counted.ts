/** Configurations whose reads are counted, for tests that limit the work of checks. */
import { Configuration } from '../../model/configuration.ts';

/** The number of items that were read from {@link counted} arrays. */
export const count = { reads: 0 };

/** Returns a view of an array that counts each read of an item. */
export const counted = <T>(items: T[]): T[] =>
  new Proxy(items, {
    get(target, key, receiver) {
      if (typeof key === 'string' && /^\d+$/.test(key)) count.reads++;
      return Reflect.get(target, key, receiver);
    },
  });

export const LABELS = { ingress: 'public' };
export const FLEET = {
  name: 'shared',
  labels: LABELS,
  ports: [{ number: 80, bind: 10_080, protocol: 'HTTP' as const }],
  denyDestinations: ['10.0.0.0/8'],
};
export const hosts = (length: number, prefix = 'h') => Array.from({ length }, (_, i) => `${prefix}${i}.example.com`);

export function gateway(names: string[], extra: object = {}) {
  const servers = [];
  for (let at = 0; at < names.length; at += 250) {
    const port = { number: 80, name: `p${at}`, protocol: 'HTTP' };
    servers.push({ port, hosts: counted(names.slice(at, at + 250)), ...extra });
  }
  return { selector: LABELS, servers };
}
export const route = (names: string[], uri = '/') => ({
  hosts: counted(names),
  gateways: ['edge'],
  http: [{ match: [{ uri: { exact: uri } }], directResponse: { status: 200 } }],
});
// biome-ignore lint/suspicious/noExplicitAny: documents as users write them
export const configuration = (document: any) => Configuration.fromDocument(document);
