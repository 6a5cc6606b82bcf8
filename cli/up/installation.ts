import { isIPv6 } from 'node:net';
import type { Supervisor } from '../process/supervisor.ts';
import { quote } from '../terminal/quote.ts';
import type { Credentials } from './credentials.ts';
import type { Folder } from './folder.ts';
import type { Options } from './options.ts';

/** The data that every step of `up` uses. */
export interface Installation {
  options: Options;
  folder: Folder;
  credentials: Credentials;
  supervisor: Supervisor;
  /**
   * Aborted when the user stops `up`, or when a child that the other processes need has ended. The reason of the signal
   * is the error to report.
   */
  signal: AbortSignal;
}

export const apiUrl = ({ options }: Installation): string => `http://127.0.0.1:${options.apiPort}`;

/** The address at which this machine reaches Envoy's listeners. A client cannot connect to 0.0.0.0. */
const gatewayHost = ({ address }: Options): string => {
  if (['0.0.0.0', '::'].includes(address)) return '127.0.0.1';
  return isIPv6(address) ? `[${address}]` : address;
};

export const gatewayUrl = ({ options }: Installation, scheme: 'http' | 'https' = 'http'): string =>
  `${scheme}://${gatewayHost(options)}:${options[scheme]}`;

/** The address of a host on the platform domain. */
export const hostUrl = (host: string, { options }: Installation): string => `https://${host}:${options.https}`;

/** Whether names below `localhost` lead to Envoy: they are 127.0.0.1 and ::1. */
export const isOnLocalhost = ({ address }: Options): boolean => ['127.0.0.1', '0.0.0.0', '::1', '::'].includes(address);

/**
 * The options of curl with which it requests `hostUrl`: they name the CA, and the address if the host does not lead there.
 */
export function curlOptions(host: string, caFile: string, { options }: Installation): string {
  const at = `${host}:${options.https}:${gatewayHost(options)}`;
  return `--cacert ${quote(caFile)}${isOnLocalhost(options) ? '' : ` --resolve ${quote(at)}`}`;
}
