#!/usr/bin/env node
// This file is plain JavaScript, so that an older Node can run it and print the error.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const OLDEST = 24;
const entry = fileURLToPath(new URL('./main.ts', import.meta.url));
const own = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));

if (Number(process.versions.node.split('.')[0]) >= OLDEST) {
  await import('./main.ts');
} else if (existsSync(own) && !process.env.GATEHOUSE_REEXECUTED) {
  reexecute(own);
} else {
  console.error(
    `gatehouse needs Node ${OLDEST} or newer; this is ${process.version} (${process.execPath}).\n` +
      'Run `npm ci` in the checkout (it brings its own Node) or install a newer one from https://nodejs.org.',
  );
  process.exit(1);
}

/**
 * Runs the program with the Node of the checkout. From Node 22.15 on, this process becomes that one. With an older
 * Node, it starts a child with the same terminal, signals and exit code. If this process is then killed with -9, the
 * child keeps running.
 */
function reexecute(node) {
  const env = { ...process.env, GATEHOUSE_REEXECUTED: '1' };
  if (process.execve) process.execve(node, [node, entry, ...process.argv.slice(2)], env);
  const child = spawn(node, [entry, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env,
  });
  // A Ctrl-C in the terminal reaches both processes. `up` counts two signals at the same moment as one.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`gatehouse: ${node} does not start: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (signal) process.removeAllListeners(signal);
    signal ? process.kill(process.pid, signal) : process.exit(code ?? 1);
  });
}
