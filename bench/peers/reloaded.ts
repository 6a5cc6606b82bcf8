import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Child } from '../../cli/process/child.ts';
import { type Processes, stop } from '../processes.ts';
import { tenantName } from '../workload.ts';
import type { Running } from './peer.ts';

/** How to run a proxy that reads one file per tenant, and reads all of them again on a reload. */
export interface Reloading {
  name: string;
  command: string;
  args(folder: string): string[];
  reload(child: Child, folder: string): Promise<void> | void;
  bind: number;
  /** The main file, written once. */
  main: { file: string; text: string };
  tenant(tenant: string, version: string): string;
  /** The index of tenants, written again for each new tenant. */
  index?: { file: string; line(tenant: string): string };
}

export async function openReloading(kind: Reloading, tenants: number, processes: Processes): Promise<Running> {
  const folder = join(processes.folder, kind.name);
  mkdirSync(join(folder, 'tenants'), { recursive: true });
  writeFileSync(join(folder, kind.main.file), kind.main.text);
  const names = Array.from({ length: tenants }, (_, index) => tenantName(index));
  const write = (tenant: string, version: string) =>
    writeFileSync(join(folder, 'tenants', `${tenant}.cfg`), kind.tenant(tenant, version));
  const writeIndex = () => {
    if (kind.index) writeFileSync(join(folder, kind.index.file), names.map(kind.index.line).join(''));
  };
  for (const tenant of names) write(tenant, 'v0');
  writeIndex();
  let child: Child;
  const start = async () => {
    child = processes.start({ name: kind.name, command: kind.command, args: kind.args(folder) });
  };
  const put = async (tenant: string, version: string) => {
    write(tenant, version);
    await kind.reload(child, folder);
  };
  await start();
  return {
    publicPort: { port: kind.bind },
    groups: () => [child.pid!],
    put,
    create: (tenant) => {
      names.push(tenant);
      writeIndex();
      return put(tenant, 'v0');
    },
    stop: () => stop(child),
    start,
  };
}
