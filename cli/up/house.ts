import { fileURLToPath } from 'node:url';
import type { Credentials } from './credentials.ts';
import type { Folder } from './folder.ts';
import type { Options } from './options.ts';
import type { Supervisor } from './supervisor.ts';

/** What every step of `up` shares. */
export interface House {
  options: Options;
  folder: Folder;
  credentials: Credentials;
  supervisor: Supervisor;
  /** Aborts when the user wants out or a child that the rest needs has ended; its reason says which. */
  signal: AbortSignal;
}

export const apiUrl = ({ options }: House): string => `http://127.0.0.1:${options.apiPort}`;

/** Where this machine reaches what Envoy serves; nobody connects to 0.0.0.0. */
export const gatewayHost = ({ options }: House): string =>
  ['0.0.0.0', '::'].includes(options.address) ? '127.0.0.1' : options.address;

export const gatewayUrl = (house: House): string => `http://${gatewayHost(house)}:${house.options.http}`;

/** A file of this project. */
export const projectFile = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
