import { addressKind } from '../../model/values/address.ts';

/** An application outside, as the URL of a quick start names it. */
export interface Application {
  isSecure: boolean;
  /** A DNS name, or an IP address without brackets. */
  address: string;
  isName: boolean;
  port: number;
  /** Without a slash at the end; empty for the root. */
  path: string;
}

/** What `URL` removes or replaces, so that other programs read another host: spaces, line breaks and backslashes. */
const AMBIGUOUS = /[\\\p{Cc}\p{Z}]/u;

/**
 * Parses the URL of an application.
 *
 * @example applicationOf('https://shop.example.com/v2/') // { isSecure: true, address: 'shop.example.com', port: 443, path: '/v2', … }
 * @returns a text that says what is wrong and what would be right, if the URL cannot be used
 */
export function applicationOf(text: string): Application | string {
  const url = AMBIGUOUS.test(text.trim()) ? null : URL.parse(text);
  if (!url || !['http:', 'https:'].includes(url.protocol) || !/^https?:\/\//i.test(text.trim()))
    return 'must be a URL such as https://shop.example.com or http://203.0.113.7:8080';
  if (url.username !== '' || url.password !== '') return 'must have no user name and no password';
  if (url.search !== '' || url.hash !== '') return 'must end with the path, without a query or a fragment';
  const address = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const kind = addressKind(address);
  if (kind === undefined) return `must name a host: ${address} is neither a DNS name nor an IP address`;
  const isSecure = url.protocol === 'https:';
  const port = url.port === '' ? (isSecure ? 443 : 80) : Number(url.port);
  if (port === 0) return 'must have a port from 1 to 65535';
  return { isSecure, address, isName: kind === 'dns', port, path: url.pathname.replace(/\/+$/, '') };
}

/**
 * The spec of the upstream: one endpoint, with TLS for `https`. Its certificate must be valid for the host of the URL.
 */
export const upstreamFor = ({ isSecure, address, isName, port }: Application) => ({
  port,
  endpoints: [{ address }],
  ...(isSecure && {
    protocol: 'AUTO',
    tls: { ...(isName && { sni: address }), subjectAltNames: [address] },
  }),
});

/**
 * The spec of the route: every request goes to the upstream. An application that has a name gets it as the Host header,
 * because one server often has several names.
 */
export function routeFor(host: string, gateway: string, upstream: string, { address, isName, path }: Application) {
  const rewrite = { ...(path !== '' && { uri: `${path}/` }), ...(isName && { authority: address }) };
  const rule = {
    match: [{ uri: { prefix: '/' } }],
    ...(Object.keys(rewrite).length > 0 && { rewrite }),
    route: [{ destination: { upstream } }],
  };
  return { hosts: [host], gateways: [gateway], http: [rule] };
}
