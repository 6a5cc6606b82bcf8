import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { Failure } from '../process/failure.ts';
import { writeSecret } from './credentials.ts';
import { DEFAULT_PORTS, type UpPorts } from './default-ports.ts';

const port = z.int().min(1).max(65_535);
const Kept = z.object({ http: port, https: port, apiPort: port, agentPort: port, demoPort: port });

const fileIn = (data: string) => join(resolve(data), 'ports.json');

/**
 * Returns the ports of a start without options: those of the last start on the data folder, or the defaults.
 *
 * @throws Failure when the file with the ports of the last start is damaged
 */
export function keptPorts(data: string): UpPorts {
  const file = fileIn(data);
  if (!existsSync(file))
    // An earlier version kept no ports. Its default for HTTP was 10080, which browsers refuse to open.
    return existsSync(join(resolve(data), 'secrets.json')) ? { ...DEFAULT_PORTS, http: 10_080 } : DEFAULT_PORTS;
  const read = Kept.safeParse(parse(readFileSync(file, 'utf8')));
  if (!read.success) throw new Failure(`${file} is damaged. Remove it, and choose ports with options.`);
  return read.data;
}

/** Keeps the ports for the next start. */
export const keepPorts = (data: string, { http, https, apiPort, agentPort, demoPort }: UpPorts): void =>
  writeSecret(fileIn(data), `${JSON.stringify({ http, https, apiPort, agentPort, demoPort })}\n`);

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
