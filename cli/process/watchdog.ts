import { spawn } from 'node:child_process';

/** Reads one process group a line; ends them all when its input closes, unless told `done` before. */
const SCRIPT = `
groups=
while read -r line; do
  [ "$line" = done ] && exit 0
  groups="$groups $line"
done
for group in $groups; do kill -s TERM -- "-$group"; done 2>/dev/null
sleep 3
for group in $groups; do kill -s KILL -- "-$group"; done 2>/dev/null
exit 0`;

/**
 * When we are killed with -9, nothing of ours runs any more, and children in groups of their own would keep the ports.
 * A shell that outlives us notices our end of the pipe closing.
 */
export function watchdog(): { add(group: number): void; release(): void } {
  const shell = spawn('/bin/sh', ['-c', SCRIPT], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  // Without a shell there is no watchdog, and all else works.
  shell.on('error', () => {});
  shell.stdin.on('error', () => {});
  shell.unref();
  return {
    add: (group) => shell.stdin.write(`${group}\n`),
    release: () => shell.stdin.end('done\n'),
  };
}
