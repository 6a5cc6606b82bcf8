import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Network } from './network.ts';

const ip = (...args: string[]) => execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });

/** Why there can be no namespace here; undefined when there can. */
export function noNamespace(): string | undefined {
  try {
    ip('netns', 'add', `gh-try-${process.pid}`);
    ip('netns', 'del', `gh-try-${process.pid}`);
    return undefined;
  } catch (error) {
    return `no network namespaces here: ${(error as Error).message.split('\n')[0]}`;
  }
}

/** A unix socket's server in a network namespace of its own, at the far end of a cable that can be pulled. */
export async function startNamespace(target: string): Promise<Network> {
  const id = process.pid % 60_000;
  const [space, near, far] = [`gh-${id}`, `gh${id}a`, `gh${id}b`];
  const subnet = `10.199.${id % 250}`;
  ip('netns', 'add', space);
  ip('link', 'add', near, 'type', 'veth', 'peer', 'name', far, 'netns', space);
  ip('addr', 'add', `${subnet}.1/30`, 'dev', near);
  ip('link', 'set', near, 'up');
  const inside = (...args: string[]) => ip('-n', space, ...args);
  inside('addr', 'add', `${subnet}.2/30`, 'dev', far);
  inside('link', 'set', far, 'up');
  const relay = new URL('relay.ts', import.meta.url).pathname;
  const args = ['netns', 'exec', space, process.execPath, relay, `${subnet}.2`, '5432', target];
  const child = spawn('ip', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return {
    host: `${subnet}.2`,
    port: 5432,
    cut: () => void inside('link', 'set', far, 'down'),
    heal: () => void inside('link', 'set', far, 'up'),
    async close() {
      child.kill('SIGKILL');
      await once(child, 'close');
      ip('netns', 'del', space);
    },
  };
}
