import type { Supervisor } from '../process/supervisor.ts';
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
export const gatewayHost = ({ options }: Installation): string =>
  ['0.0.0.0', '::'].includes(options.address) ? '127.0.0.1' : options.address;

export const gatewayUrl = (installation: Installation): string =>
  `http://${gatewayHost(installation)}:${installation.options.http}`;
