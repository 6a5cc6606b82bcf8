import type { Supervisor } from '../process/supervisor.ts';
import type { Credentials } from './credentials.ts';
import type { Folder } from './folder.ts';
import type { Options } from './options.ts';

/** What every step of `up` shares. */
export interface Installation {
  options: Options;
  folder: Folder;
  credentials: Credentials;
  supervisor: Supervisor;
  /** Aborts when the user wants out or a child that the rest needs has ended; its reason says which. */
  signal: AbortSignal;
}

export const apiUrl = ({ options }: Installation): string => `http://127.0.0.1:${options.apiPort}`;

/** Where this machine reaches what Envoy serves; nobody connects to 0.0.0.0. */
export const gatewayHost = ({ options }: Installation): string =>
  ['0.0.0.0', '::'].includes(options.address) ? '127.0.0.1' : options.address;

export const gatewayUrl = (installation: Installation): string =>
  `http://${gatewayHost(installation)}:${installation.options.http}`;
