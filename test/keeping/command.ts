import { spawnSync } from 'node:child_process';

const COMMAND = new URL('../../cli/gatehouse.mjs', import.meta.url).pathname;

/** Runs the command as a user does, and waits until it exits. */
export function gatehouse(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [COMMAND, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}
